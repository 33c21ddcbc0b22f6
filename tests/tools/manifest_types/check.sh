#!/bin/sh
# Hold a manifest (JSON, on standard input) against the type Manifest of @slack/web-api.
# Its union of events lacks function_executed (8.2.0), so that one event is left out.
set -eu
cd "$(dirname "$0")"
[ -d node_modules ] || npm install --no-audit --no-fund --no-package-lock --silent
work=$(mktemp -d -p .)
trap 'rm -rf "$work"' EXIT
{
  printf 'import type { Manifest } from "@slack/web-api/dist/types/request/manifest";\n'
  printf 'export const manifest: Manifest = '
  sed 's/"function_executed"//'
  printf ';\n'
} > "$work/manifest.ts"
node_modules/.bin/tsc --noEmit --strict --skipLibCheck --module nodenext "$work/manifest.ts"
