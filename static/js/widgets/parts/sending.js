// One request at a time: a second press while it runs does nothing, and what fails is kept to be told.
import { useRef, useState } from 'preact/hooks';

export function useSending() {
  const running = useRef(false);
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(null);
  const run = async (work) => {
    if (running.current) return;
    running.current = true;
    [setBusy(true), setFault(null)];
    try {
      await work();
    } catch (error) {
      setFault(error);
    } finally {
      running.current = false;
      setBusy(false);
    }
  };
  return { busy, fault, run };
}
