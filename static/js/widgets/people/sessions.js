// The reader's open sessions: which browser, from where, since when; and the end of the others.
import { useState } from 'preact/hooks';
import { faultWords } from '../../sentences/faults.js';
import { stamp } from '../../values/format.js';
import { html } from '../../html.js';
import { second } from '../../state/clock.js';
import { endOthers, sessions } from '../../state/people/profile.js';
import { toast } from '../../state/toasts.js';
import { t } from '../../words/index.js';
import { Age, Time, User } from '../parts/basic.js';
import { Failed, Loading } from '../parts/states.js';

const BROWSERS = [
  [/Edg\//, 'Edge'],
  [/MicroMessenger/, 'WeChat'],
  [/OPR\//, 'Opera'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];
const SYSTEMS = [
  [/Windows/, 'Windows'],
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];
const nameOf = (table, agent) => table.find(([pattern]) => pattern.test(agent))?.[1];

// The name of a browser, in two words.
function browserWords(agent) {
  const words = [nameOf(BROWSERS, agent), nameOf(SYSTEMS, agent)].filter(Boolean).join(' · ');
  return words || agent.slice(0, 40) || t('ses.unknown');
}

const Row = ({ session }) => html`
  <li class="session">
    <div class="grow">
      <p>
        <b>
          <${User} text=${browserWords(session.agent)} />
        </b> ${session.this && html`<span class="tag tone-accent">${t('ses.this')}</span>`}
      </p>
      <p class="small quiet">
        ${session.network && html`<bdi>${session.network}</bdi> · `}
        ${t('ses.since')} <${Time} at=${session.openedAt} show=${(at) => stamp(at, second.value)} />
      </p>
    </div>
    <${Age} at=${session.seenAt} />
  </li>
`;

export function Sessions() {
  const [busy, setBusy] = useState(false);
  const { data, error, now } = sessions;
  const end = async () => {
    setBusy(true);
    await endOthers().then(
      () => toast('ok', t('ses.done')),
      (problem) => toast('crit', faultWords(problem)),
    );
    setBusy(false);
  };
  if (!data.value && error.value) {
    return html`<${Failed} panel=${t('ses.title')} error=${error.value} onRetry=${now} />`;
  }
  if (!data.value) return html`<${Loading} rows=${2} />`;
  return html`
    <ul class="sessions">
      ${data.value.map((session, i) => html`<${Row} key=${i} session=${session} />`)}
    </ul>
    ${data.value.length > 1 && html`
      <button type="button" class="btn" disabled=${busy} onClick=${end}>${t('ses.end')}</button>
    `}
  `;
}
