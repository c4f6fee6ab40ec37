import tseslint from 'typescript-eslint';

export default tseslint.config(
  {
    ignores: [
      'dist',
      'coverage',
      'quickstart-out',
      'bench-out',
      'docs/.vitepress/{cache,dist}',
      'docs/reference',
      '.examples',
      '.stryker-tmp',
      '**/*.d.ts',
      'bench/running/thread.js',
      'src/**/assembly',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: {
      parserOptions: {
        projectService: { allowDefaultProject: ['build.js', 'compileAssembly.js', 'eslint.config.js'] },
        tsconfigRootDir: import.meta.dirname,
      },
    },
    rules: {
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/explicit-module-boundary-types': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
    },
  },
  {
    files: ['bench/**', 'docs/.vitepress/reference.ts', 'compileAssembly.js'],
    rules: { 'no-console': 'off' },
  },
  // `arguments` holds what a caller gave beyond the parameters, which rest parameters would put into the types.
  { files: ['src/**'], rules: { 'prefer-rest-params': 'off' } },
  { files: ['build.js', 'compileAssembly.js', 'eslint.config.js'], ...tseslint.configs.disableTypeChecked },
);
