/** How the pages are built: hashed assets in dist/, nothing inline, so that a strict CSP holds. */
import react from "@vitejs/plugin-react";
import { defaultClientConditions, defineConfig } from "vite";

/** `npm run dev` forwards the gateway's routes to a running `trueline up`. */
const gateway = process.env.TRUELINE_URL ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  resolve: { conditions: ["trueline-source", ...defaultClientConditions] },
  build: {
    target: "baseline-widely-available",
    /** No `data:` URLs: the CSP allows images from our own origin only. */
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { "/v1": { target: gateway, ws: true, changeOrigin: true }, "/healthz": gateway } },
});
