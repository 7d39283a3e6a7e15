// The boxes that choose rows of a list: one for each, and one for all of them. `of` is a choice (state/choice.js).
import { useEffect, useRef } from 'preact/hooks';
import { html } from '../../html.js';

export const PickRow = ({ of, row, label }) => html`
  <label class="pick">
    <input type="checkbox" tabindex="-1" checked=${of.isPicked(row)} onChange=${() => of.toggle(row)} />
    <span class="sr">${label}</span>
  </label>
`;

export function PickAll({ of, label }) {
  const box = useRef(null);
  const [some, all] = [of.picked.value.length > 0, of.allPicked.value];
  useEffect(() => {
    box.current.indeterminate = some && !all;
  }, [some, all]);
  return html`
    <label class="pick">
      <input type="checkbox" ref=${box} checked=${all} onChange=${of.pickAll} />
      <span class="sr">${label}</span>
    </label>
  `;
}
