/// <reference types="vitest/config" />
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";
import { weight } from "./weight";

const hub = process.env.WFHUB_URL ?? "http://127.0.0.1:8002";
/** Of the 250 KB that a first load may have; the rest is room. */
const BOARD_PATH_KB = 215;
const page = /^\/(@|src\/|node_modules\/|chat\.html|favicon\.svg|assets\/)/;

export default defineConfig({
  plugins: [react(), weight(BOARD_PATH_KB)],
  build: {
    rolldownOptions: { input: "chat.html" },
    chunkSizeWarningLimit: 800,
  },
  server: {
    open: false,
    proxy: {
      "/": {
        target: hub,
        ws: true,
        changeOrigin: true,
        headers: { origin: hub },
        bypass: (request) => (request.url && page.test(request.url) ? request.url : undefined),
      },
    },
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
