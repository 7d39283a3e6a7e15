import { html } from '../html.js';
import { path } from '../router.js';
import { home } from '../state/session.js';
import { t } from '../words/index.js';
import { Shell } from '../widgets/shell/shell.js';
import { Empty } from '../widgets/parts/states.js';

export const Missing = () => html`
  <${Shell} title=${t('missing.title')} kind="missing">
    <section class="card">
      <${Empty} icon="search" title=${t('missing.title')} why=${t('missing.why', { path: path.value })}>
        <a class="btn primary" href=${home()}>${t('missing.do')}</a>
      <//>
    </section>
  <//>
`;
