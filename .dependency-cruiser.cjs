/** Who may import whom. `npm test` enforces it; ARCHITECTURE.md explains it. */

/** Features in the order of their dependencies: each may use the ones before it, none the ones after it. */
const FEATURES = ['auth', 'products', 'sales', 'signals', 'forecasts', 'inventory', 'reports', 'alerts', 'assistant'];

/** Packages the forecasting library may use: numeric ones only. */
const ENGINE_PACKAGES = [
  '@bsull/augurs',
  '@tensorflow/tfjs-core',
  '@tensorflow/tfjs-backend-cpu',
  '@tensorflow/tfjs-backend-wasm',
  '@tensorflow/tfjs-node',
];

const featuresFrom = (index) => FEATURES.slice(index).join('|');

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-unresolved',
      severity: 'error',
      from: { pathNot: '^src/bootstrap\\.mjs$' },
      to: { couldNotResolve: true },
    },
    {
      name: 'engine-is-pure',
      comment: 'The library imports itself and the numeric packages of the allow-list; no Nest, no I/O, no Node.',
      severity: 'error',
      from: { path: '^src/engine/', pathNot: ['\\.spec\\.ts$', '^src/engine/gbdt/threads/'] },
      to: { pathNot: ['^src/engine/', ...ENGINE_PACKAGES.map((name) => `^node_modules/${name}/`)] },
    },
    {
      name: 'engine-threads-only-thread',
      comment: 'Where the library spreads work over threads it may use those of Node, nothing else.',
      severity: 'error',
      from: { path: '^src/engine/gbdt/threads/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: ['^src/engine/', '^(node:)?worker_threads$'] },
    },
    {
      name: 'engine-has-one-door',
      comment: 'Others enter the library by engine/index.ts.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/' },
      to: { path: '^src/engine/', pathNot: '^src/engine/index\\.ts$' },
    },
    {
      name: 'files-need-the-library-alone',
      comment: 'Files in, forecasts out, without database, queue or server: the library, threads and the environment.',
      severity: 'error',
      from: { path: '^src/files/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: ['^src/', '^node_modules/'],
        pathNot: [
          '^src/files/',
          '^src/engine/index\\.ts$',
          '^src/platform/threads/',
          '^src/platform/config/config\\.ts$',
        ],
      },
    },
    {
      name: 'platform-knows-no-feature',
      severity: 'error',
      from: { path: '^src/platform/' },
      to: { path: `^src/(${FEATURES.join('|')}|engine|sample|local)/` },
    },
    ...FEATURES.map((feature, index) => ({
      name: `${feature}-looks-down-only`,
      comment: 'Features depend one way.',
      severity: 'error',
      from: { path: `^src/${feature}/` },
      to: { path: `^src/(${featuresFrom(index + 1) || 'nothing'}|sample|local)/` },
    })),
    ...FEATURES.map((feature) => ({
      name: `${feature}-keeps-its-entities`,
      comment: "Another feature's entities, DTOs and controllers are its own business.",
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${feature}/` },
      to: { path: `^src/${feature}/.*(\\.entity|\\.dto|\\.controller)\\.ts$` },
    })),
    {
      name: 'controllers-stay-thin',
      comment: 'A controller speaks to services: no repository, queue backend or engine.',
      severity: 'error',
      from: { path: '\\.controller\\.ts$', pathNot: '^src/platform/health/' },
      to: {
        path: [
          '^node_modules/(typeorm|@nestjs/typeorm|bullmq|@nestjs/bullmq|ioredis|pg)/',
          '^src/engine/',
          '\\.entity\\.ts$',
        ],
      },
    },
    {
      name: 'migrations-stand-alone',
      comment: 'A migration must mean the same for ever, so it uses nothing that may change.',
      severity: 'error',
      from: { path: '^migrations/' },
      to: { pathNot: '^node_modules/typeorm/' },
    },
    {
      name: 'threads-carry-no-framework',
      comment:
        'A thread computes: the engine with its numeric packages, plain files beside it and the thread protocol, whatever these import.',
      severity: 'error',
      from: { path: '\\.thread\\.ts$' },
      to: {
        path: [`^node_modules/(?!(${ENGINE_PACKAGES.join('|')})/)`, '^src/platform/(?!threads/)'],
        reachable: true,
      },
    },
    {
      name: 'tracing-is-loaded-when-asked-for',
      comment: 'Without a collector nothing of OpenTelemetry is loaded.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/platform/tracing/opentelemetry/' },
      to: { path: '^(node_modules/@opentelemetry/|src/platform/tracing/opentelemetry/)', dynamic: false },
    },
    {
      name: 'no-development-packages-in-production',
      severity: 'error',
      from: { path: '^src/', pathNot: '\\.spec\\.ts$' },
      to: { dependencyTypes: ['npm-dev'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Sources of the compiled kernels: AssemblyScript, which no TypeScript file imports.
    exclude: { path: '^src/engine/gbdt/assembly/' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
