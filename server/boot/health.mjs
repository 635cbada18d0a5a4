/** The image's health check: exit 0 when the server here answers. Whether it can take facts too is what /readyz is for. */
const answer = await fetch(`http://127.0.0.1:${process.env.PORT ?? 3000}/healthz`).catch(() => undefined);
process.exitCode = answer?.ok ? 0 : 1;
