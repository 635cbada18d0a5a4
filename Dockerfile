# One image for server, workers and the migration: the command says which. Nothing in it is needed from outside at run time.

FROM node:24-bookworm-slim AS build
WORKDIR /app
# Manifests and patches first: as long as they stay, so does the layer with the packages.
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY shared/patches/ shared/patches/
COPY server/package.json server/
COPY workers/package.json workers/
COPY web/package.json web/
COPY tests/package.json tests/
RUN npm ci --include=dev
COPY . .
RUN node server/boot/build-web.ts

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY shared/patches/ shared/patches/
COPY server/package.json server/
COPY workers/package.json workers/
COPY web/package.json web/
COPY tests/package.json tests/
# No build tools, no browser, no Postgres of its own.
RUN npm ci --omit=dev --omit=optional --workspace shared --workspace server --workspace workers

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 HEARTBEAT_FILE=/tmp/workers.alive
WORKDIR /app
COPY --from=packages /app/ ./
COPY shared/ shared/
COPY server/ server/
COPY workers/ workers/
COPY --from=build /app/web/build/ web/build/
COPY LICENSE ./
# The node image brings this user; the code belongs to root, so that it can't change itself.
USER node
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["node", "server/boot/health.mjs"]
CMD ["node", "--max-semi-space-size=8", "--heap-growing-percent=100", "server/src/main.ts"]
