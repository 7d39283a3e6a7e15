// An amount as the figure of a tile: short from 100 million yuan on, its fen smaller.
import { html } from '../../html.js';
import { isFen, money, NONE, shortMoney, yuanParts } from '../../values/format.js';

export function BigMoney({ fen }) {
  if (!isFen(fen)) return NONE;
  const short = shortMoney(fen);
  if (short) return html`<span title=${money(fen)}>${short}</span>`;
  const { sign, yuan, cents } = yuanParts(fen);
  return html`
    <span>
      <span class="unit">${sign}¥</span>
      ${yuan}
      <span class="unit">.${cents}</span>
    </span>
  `;
}
