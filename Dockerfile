# One image, three programs: server, workers, and zg (which migrates). Compose picks the command.
FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY workers/package.json workers/
COPY web/package.json web/
COPY tests/package.json tests/
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY shared shared
COPY web web
COPY tsconfig.base.json tsconfig.json ./
RUN npm run build --workspace @zhanggui/web

FROM node:24-bookworm-slim AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY shared/package.json shared/
COPY server/package.json server/
COPY workers/package.json workers/
COPY web/package.json web/
COPY tests/package.json tests/
# The embedded Postgres stays out: in this shape the database is a service of its own.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund \
  --workspace @zhanggui/shared --workspace @zhanggui/server --workspace @zhanggui/workers

FROM node:24-bookworm-slim
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 NODE_COMPILE_CACHE=/tmp/compile
WORKDIR /app
COPY --from=packages /app/node_modules node_modules
COPY package.json ./
COPY shared shared
COPY server server
COPY workers workers
COPY --from=build /app/web/build web/build
USER node
EXPOSE 3000
# exec form: the process gets SIGTERM itself and drains.
CMD ["node", "server/src/main.ts"]
