FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY tsconfig.json tsconfig.build.json ./
COPY src ./src
# The build bundles the workflows, so that no worker does it at start.
RUN npm run build
# Temporal's packages are development dependencies here and peers elsewhere: without the former only the peers stay,
# at the versions of the lockfile; AWS's among them, which are optional elsewhere.
RUN npm pkg delete devDependencies 'peerDependenciesMeta.@aws-sdk/client-s3' 'peerDependenciesMeta.@aws-sdk/lib-storage' && \
  npm prune

FROM node:22-bookworm-slim
ENV NODE_ENV=production PROVIDER_JOBS_HEALTH_PORT=8080
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
RUN mkdir results && chown node:node results
USER node
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PROVIDER_JOBS_HEALTH_PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "--enable-source-maps", "dist/cli/main.js"]
CMD ["worker"]
