import { useEffect, useState } from 'preact/hooks';
import { html } from '../html.js';
import { phone } from '../media.js';
import { busy, error, hasMore, loadMore, loadTeam, team } from '../state/people/team.js';
import { t } from '../words/index.js';
import { Shell } from '../widgets/shell/shell.js';
import { Failed, Loading } from '../widgets/parts/states.js';
import { CreateDialog, ManageDialog, PasswordShown } from '../widgets/people/team-dialogs.js';
import { TeamCards, TeamTable } from '../widgets/people/team-table.js';

function Body({ onOpen }) {
  if (!team.value && error.value) {
    return html`<${Failed} panel=${t('team.list')} error=${error.value} onRetry=${loadTeam} />`;
  }
  if (!team.value) return html`<${Loading} rows=${5} />`;
  const List = phone.value ? TeamCards : TeamTable;
  return html`<${List} list=${team.value} onOpen=${onOpen} />`;
}

const Foot = () => html`
  <footer class="list-foot small">
    <span>${t(hasMore.value ? 'team.foot.more' : 'team.foot', { n: team.value.length })}</span>
    ${hasMore.value && html`
      <button type="button" class="btn small" disabled=${busy.value} onClick=${loadMore}>${t('common.more')}</button>
    `}
  </footer>
`;

export function Team() {
  const [open, setOpen] = useState(null); // {what: 'create' | 'manage' | 'once', name, password}
  useEffect(() => {
    loadTeam();
  }, []);
  const close = () => setOpen(null);
  const once = (name, password) => setOpen({ what: 'once', name, password });
  const user = open?.what === 'manage' && team.value.find(({ name }) => name === open.name);
  return html`
    <${Shell} title=${t('nav.team')} kind="team" fixed>
      <div class="page-lead">
        <p class="small quiet grow">${t('team.lead')}</p>
        <button type="button" class="btn primary" onClick=${() => setOpen({ what: 'create' })}>
          ${t('team.create')}
        </button>
      </div>
      <section class="card list-card" aria-label=${t('team.list')} aria-busy=${String(busy.value)}>
        <div class="list-scroll" tabindex="0" role="group" aria-label=${t('team.list')}>
          <${Body} onOpen=${({ name }) => setOpen({ what: 'manage', name })} />
        </div>
        ${team.value && html`<${Foot} />`}
      </section>
      ${open?.what === 'create' && html`<${CreateDialog} onClose=${close} onPassword=${once} />`}
      ${user && html`<${ManageDialog} key=${user.name} user=${user} onClose=${close} onPassword=${once} />`}
      ${open?.what === 'once' && html`<${PasswordShown} ...${open} onClose=${close} />`}
    <//>
  `;
}
