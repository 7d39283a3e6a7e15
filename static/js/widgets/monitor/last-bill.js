// Under the figures: what the last day with a bill leaves unexplained, and the way to it.
import { useEffect } from 'preact/hooks';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { billPath } from '../../router.js';
import { lastDayWords } from '../../sentences/bills.js';
import { serverNow } from '../../state/clock.js';
import { isBillNews, lastBill } from '../../state/bills/last.js';
import { onFlush } from '../../state/feed/feed.js';
import { yesterday } from '../../values/bill-days.js';
import { t } from '../../words/index.js';

// Good is a day on which every fen is explained; no day at all is not known, and said so.
function toneOf(bills, isYesterday) {
  if (!bills) return ['created', 'quiet'];
  if (bills.unexplainedFen || bills.openDifferences) return ['swap', 'crit'];
  return isYesterday && !bills.unknown ? ['paid', 'ok'] : ['pending', 'warn'];
}

export function LastBill() {
  useEffect(() => {
    lastBill.refresh();
    return onFlush((events) => events.some(isBillNews) && lastBill.refresh());
  }, []);
  const data = lastBill.data.value;
  if (!data) return html`<div class="card last-bill" aria-hidden="true"></div>`; // nothing moves when it comes
  const bills = data.last;
  const before = yesterday(serverNow());
  const [icon, tone] = toneOf(bills, bills?.date === before);
  return html`
    <a class="card last-bill" href=${bills ? billPath(bills.date) : '/recon'}>
      <${Icon} name=${icon} tone=${tone} size=${15} />
      <span class=${bills?.unexplainedFen ? 'bad' : ''}>
        <b>${lastDayWords(bills, before)}</b>
      </span>
      ${bills?.openDifferences > 0 && html`<span>${t('recon.lastday.open', { n: bills.openDifferences })}</span>`}
      ${bills?.unknown > 0 && html`<span class="quiet">${t('recon.lastday.part', { n: bills.unknown })}</span>`}
      <${Icon} name="right" size=${14} tone="quiet" />
    </a>
  `;
}
