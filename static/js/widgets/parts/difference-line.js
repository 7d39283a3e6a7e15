// One difference of a bill, with the way to it and whether it is open.
import { html } from '../../html.js';
import { differenceWord } from '../../sentences/bills.js';
import { billPath } from '../../router.js';
import { t, word } from '../../words/index.js';

export const DifferenceLine = ({ difference: { date, account, kind, status } }) => html`
  <li>
    <p class="status">
      <a href=${billPath(date, account, kind, status === 'open' ? '' : 'resolved')}>
        ${t('thread.difference', { date, kind: differenceWord(kind) })}
      </a>
      <span class="grow"></span>
      <span>${word('dst', status)}</span>
    </p>
  </li>
`;
