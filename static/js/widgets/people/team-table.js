// The team as a table, and as cards where it is narrow: who, as what, seen when, from how many browsers.
import { stamp } from '../../values/format.js';
import { html } from '../../html.js';
import { Icon } from '../../icons.js';
import { second } from '../../state/clock.js';
import { user as me } from '../../state/session.js';
import { t, word } from '../../words/index.js';
import { Age, Avatar, Time } from '../parts/basic.js';

const Name = ({ user }) => html`
  <span class="who-cell">
    <${Avatar} name=${user.name} />
    <span class="user">
      <bdi class="who-name">${user.name}</bdi>
      ${user.name === me.value.name && html` <span class="tag plain">${t('team.you')}</span>`}
    </span>
  </span>
`;
const Factor = ({ on }) => html`
  <span class="status">
    <${Icon} name=${on ? 'paid' : 'closed'} size=${15} tone=${on ? 'ok' : 'quiet'} />
    ${t(on ? 'totp.on' : 'totp.off')}
  </span>
`;
function State({ user }) {
  const [icon, tone, key] = user.disabled
    ? ['lock', 'quiet', 'disabled']
    : user.passwordOnce
      ? ['key', 'warn', 'fresh']
      : ['check', 'ok', 'active'];
  return html`
    <span class="status">
      <${Icon} name=${icon} size=${15} tone=${tone} />
      ${t(`team.state.${key}`)}
    </span>
  `;
}
const Seen = ({ at }) =>
  at
    ? html`
        <span class="two-lines">
          <${Time} at=${at} show=${(when) => stamp(when, second.value)} />
          <span class="small quiet">
            <${Age} at=${at} />
          </span>
        </span>
      `
    : html`<span class="quiet">${t('team.never')}</span>`;
const Manage = ({ user, onOpen }) => html`
  <button
    type="button"
    class="btn small"
    aria-label=${t('team.manage.of', { name: user.name })}
    onClick=${() => onOpen(user)}
  >
    ${t('team.manage')}
  </button>
`;

const Row = ({ user, onOpen }) => html`
  <tr data-name=${user.name} class=${user.disabled ? 'off' : ''}>
    <th scope="row">
      <${Name} user=${user} />
    </th>
    <td>${word('role', user.role)}</td>
    <td>
      <${Factor} on=${user.totp} />
    </td>
    <td class="seen">
      <${Seen} at=${user.seenAt} />
    </td>
    <td class="num">${user.sessions}</td>
    <td>
      <${State} user=${user} />
    </td>
    <td class="num">
      <${Manage} user=${user} onOpen=${onOpen} />
    </td>
  </tr>
`;

const COLUMNS = [
  ['name', ''],
  ['role', ''],
  ['totp', ''],
  ['seen', 'seen'],
  ['sessions', 'num'],
  ['state', ''],
];

export const TeamTable = ({ list, onOpen }) => html`
  <table class="table team-table">
    <caption class="sr">${t('team.list')}</caption>
    <thead>
      <tr>
        ${COLUMNS.map(([name, kind]) => html`<th scope="col" key=${name} class=${kind}>${t(`team.col.${name}`)}</th>`)}
        <th scope="col">
          <span class="sr">${t('team.manage')}</span>
        </th>
      </tr>
    </thead>
    <tbody>
      ${list.map((user) => html`<${Row} key=${user.name} user=${user} onOpen=${onOpen} />`)}
    </tbody>
  </table>
`;

const Card = ({ user, onOpen }) => html`
  <li class="team-card" data-name=${user.name}>
    <div class="team-card-line">
      <${Name} user=${user} />
      <${Manage} user=${user} onOpen=${onOpen} />
    </div>
    <p class="team-card-line small">
      <span>${word('role', user.role)}</span>
      <${Factor} on=${user.totp} />
      <${State} user=${user} />
    </p>
    <p class="small quiet">
      ${t('team.col.seen')} ${user.seenAt ? html`<${Age} at=${user.seenAt} />` : t('team.never')} · ${t(
        'team.sessions',
        { n: user.sessions },
      )}
    </p>
  </li>
`;

export const TeamCards = ({ list, onOpen }) => html`
  <ul aria-label=${t('team.list')}>
    ${list.map((user) => html`<${Card} key=${user.name} user=${user} onOpen=${onOpen} />`)}
  </ul>
`;
