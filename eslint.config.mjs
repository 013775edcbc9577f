import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist/**',
      'node_modules/**',
      '.data/**',
      'coverage/**',
      '**/.terraform/**',
      'src/engine/gbdt/assembly/**',
    ],
  },
  ...tseslint.configs.recommended,
  {
    files: ['**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'off',
      'no-console': 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      eqeqeq: ['error', 'smart'],
    },
  },
  {
    // Nothing in the library may depend on when or where it runs: the same input gives the same bits.
    files: ['src/engine/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Pass a seeded generator.' },
        { object: 'Date', property: 'now', message: 'Pass the time in.' },
      ],
      'no-restricted-globals': ['error', 'process', 'performance'],
    },
  },
  { files: ['src/platform/config/**/*.ts'], rules: { 'no-restricted-properties': 'off' } },
  {
    files: ['src/local/**/*.ts', 'src/local.ts', 'src/files/forecast.ts', 'bench/**/*.ts'],
    rules: { 'no-console': 'off' },
  },
);
