#!/usr/bin/env bash
# Fetches what the page decodes with, ONNX Runtime for browsers, into artifacts/web/onnxruntime-web: the module, and the WebAssembly
# as gzip. PocketSam.Server has what is there in its assembly. Version and digest are pinned here; nothing of the package is run.
set -euo pipefail
cd "$(dirname "$0")/.."

version=1.30.0
integrity=q0y+JrrtukXSzsBWEMccVfqX25LRmosXHF+CaRJmg8pZClzcV7svNc4rKY3jL02Vb7QmRMDs1SigqR4CXAfKYQ==
module=ort.wasm.bundle.min.mjs
wasm=ort-wasm-simd-threaded.wasm

target=artifacts/web/onnxruntime-web
if [ "$(cat "$target/../onnxruntime-web.version" 2>/dev/null)" = "$version" ] && [ -f "$target/$module" ] && [ -f "$target/$wasm.gz" ]; then
    exit 0
fi

without='the page asks the service for every mask'
command -v npm > /dev/null || { echo "npm is not here to fetch ONNX Runtime for browsers: $without" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
if ! npm pack "onnxruntime-web@$version" --ignore-scripts --silent --fetch-retries=1 --pack-destination "$work" > /dev/null 2>&1; then
    echo "onnxruntime-web $version could not be fetched: $without" >&2
    exit 1
fi

package=("$work"/*.tgz)
if [ "$(openssl dgst -sha512 -binary "${package[0]}" | openssl base64 -A)" != "$integrity" ]; then
    echo "onnxruntime-web $version is not the package that it should be: $without" >&2
    exit 1
fi

tar -xzf "${package[0]}" -C "$work" "package/dist/$module" "package/dist/$wasm"
rm -rf "$target"
mkdir -p "$target"
mv "$work/package/dist/$module" "$target/"
gzip -9nc "$work/package/dist/$wasm" > "$target/$wasm.gz"
echo "$version" > "$target/../onnxruntime-web.version"
