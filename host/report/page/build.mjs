// Bundles src/ into dist/, which is committed: building Sharpwave needs no Node. The licence of what is bundled
// travels with it into every report.
import { readFileSync } from "node:fs";
import { build } from "esbuild";

const licence = readFileSync(new URL("node_modules/uplot/LICENSE", import.meta.url), "utf8").trim();

await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: { report: "src/main.js" },
  bundle: true, minify: true, charset: "ascii", legalComments: "none", format: "iife",
  target: ["chrome111", "firefox115", "safari16.4"], outdir: "dist",
  banner: { js: `/* Contains uPlot.\n${licence} */` },
});
await build({
  absWorkingDir: import.meta.dirname,
  entryPoints: { report: "src/style.css" },
  bundle: true, minify: true, charset: "ascii", target: ["chrome111", "firefox115", "safari16.4"], outdir: "dist",
});
