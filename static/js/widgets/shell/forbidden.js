// A page that this role may not see: which it is, and the way back. The roles are those of the navigation.
import { html } from '../../html.js';
import { home, user } from '../../state/session.js';
import { t, word } from '../../words/index.js';
import { Shell } from './shell.js';
import { Empty } from '../parts/states.js';

export const NoAccess = () => html`
  <${Shell} title=${t('forbidden.title')} kind="missing">
    <section class="card">
      <${Empty}
        icon="lock"
        title=${t('forbidden.title')}
        why=${t('forbidden.why', { role: word('role', user.value.role) })}
      >
        <a class="btn primary" href=${home()}>${t('missing.do')}</a>
      <//>
    </section>
  <//>
`;
