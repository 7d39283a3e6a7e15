// Two minutes before the session ends: stay, or let it end.
import { html } from '../../html.js';
import { span } from '../../values/format.js';
import { second } from '../../state/clock.js';
import { ending, goOn } from '../../state/people/session-ending.js';
import { expired, logout } from '../../state/session.js';
import { t } from '../../words/index.js';
import { Dialog } from '../parts/dialog.js';

export function Ending() {
  if (!ending.value || expired.value) return null;
  const { why, at } = ending.value;
  return html`
    <${Dialog} title=${t('ending.title')} onClose=${goOn} kind="narrow ending">
      <p>${t(`ending.${why}`, { t: span(Math.max(0, at - second.value)) })}</p>
      <div class="dialog-foot">
        <button type="button" class="btn" onClick=${logout}>${t('user.logout')}</button>
        <button type="button" class="btn primary" data-first onClick=${goOn}>${t('ending.go')}</button>
      </div>
    <//>
  `;
}
