// How the scripts are laid out; `make format` does it, `make check` only looks.
import htm from './prettier-htm.mjs';

export default { plugins: [htm], printWidth: 120, singleQuote: true };
