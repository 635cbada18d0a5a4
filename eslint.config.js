import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

/**
 * The rules that matter most here are the typed ones: a floating promise in a server loses an error, and one in
 * a Svelte file loses it on a wall that nobody watches. Formatting is Prettier's job alone.
 */
export default ts.config(
  {
    ignores: ['**/node_modules/', '**/.svelte-kit/', 'web/build/', '.data/', '.cache/', 'coverage/'],
  },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      globals: { ...globals.node },
      parserOptions: {
        projectService: { allowDefaultProject: ['*.js'] },
        extraFileExtensions: ['.svelte'],
        tsconfigRootDir: import.meta.dirname,
      },
    },
  },
  {
    files: ['**/*.ts', '**/*.svelte', '**/*.svelte.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/only-throw-error': 'error',
      // Our patterns name control characters in order to refuse them.
      'no-control-regex': 'off',
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector: 'VariableDeclaration[kind=/using/]',
          message: 'Node 22 runs the code as it stands, and does not know `using`.',
        },
      ],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
    },
  },
  {
    // Commands, boot code and benchmarks talk to a person on a terminal.
    files: ['server/src/cli/**', 'server/boot/**', 'tests/**'],
    rules: { 'no-console': 'off' },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { parser: ts.parser },
    },
    // svelte-check knows the types of a template; the core rule does not.
    rules: {
      'no-undef': 'off',
      // The app is always served from the root of its host: there is no base path to resolve.
      'svelte/no-navigation-without-resolve': 'off',
      // Live state is held in plain maps on purpose, and shown when the painter says so: see lib/live/painter.ts.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  {
    files: ['web/**/*.ts', 'web/static/**/*.js', 'tests/**/*.ts'],
    languageOptions: { globals: { ...globals.browser } },
  },
  {
    files: ['**/*.js', '**/*.mjs'],
    extends: [ts.configs.disableTypeChecked],
    rules: { 'no-console': 'off' },
  },
);
