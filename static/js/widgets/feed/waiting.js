// The first moments of the monitor's panels, in the shapes and heights of what will come.
import { html } from '../../html.js';
import { t } from '../../words/index.js';
import { Skeleton } from '../parts/states.js';

const Wait = ({ children }) => html`
  <div role="status" aria-busy="true">
    <span class="sr">${t('common.loading')}</span>
    ${children}
  </div>
`;
const times = (n, draw) => Array.from({ length: n }, (_, i) => draw(i));

export const FeedWait = () => html`
  <${Wait}>
    ${times(
      10,
      (i) => html`
        <div class="feed-wait" key=${i} aria-hidden="true">
          <${Skeleton} w="58px" />
          <${Skeleton} w=${`${60 + ((i * 17) % 35)}px`} />
          <${Skeleton} w="120px" />
          <${Skeleton} w=${`${45 + ((i * 23) % 45)}%`} />
          <${Skeleton} w="62px" />
          <${Skeleton} w="34px" />
        </div>
      `,
    )}
  <//>
`;

export const AlertsWait = () => html`
  <${Wait}>
    ${times(
      6,
      (i) => html`
        <div class="alert-wait" key=${i} aria-hidden="true">
          <span class="skeleton dot"></span>
          <div class="grow">
            <p>
              <${Skeleton} w="106px" />
              <${Skeleton} w="42px" />
            </p>
            <${Skeleton} w="75%" />
            <br />
            <${Skeleton} w="48%" />
          </div>
        </div>
      `,
    )}
  <//>
`;
