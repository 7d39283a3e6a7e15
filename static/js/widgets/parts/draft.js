// A text that is kept until it is sent, and offered again where it could not be.
import { useState } from 'preact/hooks';
import { html } from '../../html.js';
import { draftOf, dropDraft, keepDraft } from '../../state/drafts.js';
import { t } from '../../words/index.js';
import { CopyButton } from './basic.js';

// [text, setText, sent]
export function useDraft(about) {
  const [text, setText] = useState(() => draftOf(about));
  const put = (next) => {
    setText(next);
    keepDraft(about, next);
  };
  return [text, put, () => dropDraft(about)];
}

// Where there is no field for it any more: the text to copy, until the reader drops it.
export function Unsent({ about }) {
  const text = draftOf(about);
  if (!text) return null;
  return html`
    <div class="note-box warn unsent" role="status">
      <div class="grow">
        <p>${t('draft.unsent')}</p>
        <p class="user">${text}</p>
      </div>
      <${CopyButton} text=${text} />
      <button type="button" class="btn small" onClick=${() => dropDraft(about)}>${t('draft.drop')}</button>
    </div>
  `;
}
