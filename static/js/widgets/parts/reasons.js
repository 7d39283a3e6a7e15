// One reason of several, as codes whose words begin with `book`.
import { html } from '../../html.js';
import { t } from '../../words/index.js';

export const Reasons = ({ legend, names, book, value, onChoose }) => html`
  <fieldset class="field plain">
    <legend>${legend}</legend>
    ${names.map((name, i) => html`
      <label class="check" key=${name}>
        <input
          type="radio"
          name="reason"
          value=${name}
          checked=${value === name}
          onChange=${() => onChoose(name)}
          data-first=${i === 0 ? true : undefined}
        />
        ${t(`${book}.${name}`)}
      </label>
    `)}
  </fieldset>
`;
