# The one image of Weir: every role, the migrations, the model simulator and the client. Which of them runs is the command.
# Built by "docker compose build"; by hand: docker build --build-arg WEIR_COMMIT="$(git rev-parse --short=12 HEAD)" -t weir .

ARG NODE_IMAGE=node:22-bookworm-slim

# The programs, compiled. Packages first: they change more seldom than the sources, so this layer is mostly taken from the cache.
FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json tsconfig.build.json ./
COPY shared shared
COPY redis redis
COPY db db
COPY services services
RUN npm run build

# The packages that run, without those that only build and test, and of those only what Node reads: no types, sources, tests, builds for bundlers.
FROM ${NODE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --omit=dev --no-audit --no-fund \
 && find node_modules -type f \( -name '*.md' -o -name '*.map' -o -name '*.ts' -o -name '*.mts' -o -name '*.cts' \) -delete \
 && find node_modules -type d \( -name test -o -name tests -o -path '*/build/esm' -o -path '*/build/esnext' \) -prune -exec rm -r {} +

FROM ${NODE_IMAGE}
ENV NODE_ENV=production \
    WEIR_HOST=0.0.0.0
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
# Read from the sources at run time: the Lua scripts, the client's start file, the health check, the examples.
COPY package.json ./
COPY redis/scripts redis/scripts
COPY redis/includes redis/includes
COPY services/cli/weir.mjs services/cli/weir.mjs
COPY services/container/health.sh services/container/health.sh
COPY examples examples
COPY --from=build /app/dist dist
# "weir" and "weir-token" for people: docker compose exec api weir status
RUN ln -s /app/services/cli/weir.mjs /usr/local/bin/weir \
 && printf '#!/bin/sh\nexec node /app/dist/services/container/token.js "$@"\n' > /usr/local/bin/weir-token \
 && chmod 755 /app/services/cli/weir.mjs /usr/local/bin/weir-token

# A volume mounted here takes over its owner: replicas leave the status page in it.
RUN install -d -o node -g node /var/lib/weir/status-page

USER node
EXPOSE 3000 9464
# Ready, not merely alive: "docker compose up --wait" and a rolling update go by it.
HEALTHCHECK --interval=5s --timeout=4s --start-period=60s --retries=3 CMD ["bash", "/app/services/container/health.sh"]
# Exec form: Node is process 1 and gets SIGTERM itself.
CMD ["node", "--enable-source-maps", "dist/services/main.js"]

# Last, because they change with every commit: nothing above is built again for them.
ARG WEIR_VERSION=0.1.0
ARG WEIR_COMMIT=
ENV WEIR_COMMIT=${WEIR_COMMIT}
LABEL org.opencontainers.image.title="weir" \
      org.opencontainers.image.description="A server for AI workflows that bends under load and does not break." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${WEIR_VERSION}" \
      org.opencontainers.image.revision="${WEIR_COMMIT}"
