// What the linter looks for in the scripts; how they are laid out is prettier's part.
import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['.venv/', '.venv-peers/', 'build/', 'data/', 'dist/', 'htmlcov/', 'static/built/', 'static/vendor/'] },
  js.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      curly: ['error', 'multi-line'],
      eqeqeq: 'error',
      'no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-var': 'error',
      'object-shorthand': 'error',
      'prefer-const': ['error', { destructuring: 'all' }],
    },
  },
  { files: ['static/js/**'], languageOptions: { globals: globals.browser } },
  { files: ['**/*.mjs'], languageOptions: { globals: globals.node } },
];
