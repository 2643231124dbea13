#!/usr/bin/env bash
# Runs every test project once as the machine is, then the tests of kernels (Category=Simd), the engine's and Training's,
# again on narrower vectors. Each leg tells the tests the width that it expects, and they prove it. The projects must have
# been built (Release).
#
#   eng/run-tests.sh          all tests but those marked Category=Slow
#   eng/run-tests.sh --slow   these too
#
# The last line is "N passed, N failed, N skipped"; the exit code is 1 where any failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export DOTNET_CLI_UI_LANGUAGE=en DOTNET_NOLOGO=1

filter='Category!=Slow'
if [ "${1:-}" = --slow ]; then
    filter=''
fi

passed=0 failed=0 skipped=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

# Floats in the widest vector of this machine. A processor with AVX-512 that the runtime would spare is told to use it.
has() { grep -qw "$1" /proc/cpuinfo 2>/dev/null; }
settings=()
if has avx512f && has avx512bw && has avx512cd && has avx512dq && has avx512vl; then
    widest=16 settings=(DOTNET_PreferredVectorBitWidth=512)
elif has avx2; then
    widest=8
else
    widest=4
fi

# The projects with tests of kernels, and how many of those there are at least.
kernel_projects=(PocketSam.Tests PocketSam.Training.Tests)
declare -A least=([PocketSam.Tests]=100 [PocketSam.Training.Tests]=20)

# run NAME MINIMUM FILTER PROJECT [VARIABLE=VALUE...]: one test run, added to the sums. Fewer than MINIMUM tests, a
# crash, or no summary at all is one failure more.
run()
{
    local name=$1 minimum=$2 filter=$3 project=$4 code line p f s
    shift 4
    echo "== $name"
    env "$@" dotnet test "$project" -c Release --no-build ${filter:+--filter "$filter"} 2>&1 | tee "$output" \
        | grep -v -e '^Test run for ' -e '^A total of ' -e '^Starting test execution' -e '^$'
    code=${PIPESTATUS[0]}
    line=$(grep -E '^(Passed|Failed|Skipped)! +- Failed:' "$output" | tail -n 1)
    p=$(sed -nE 's/.*Passed: +([0-9]+).*/\1/p' <<< "$line")
    f=$(sed -nE 's/.*Failed: +([0-9]+).*/\1/p' <<< "$line")
    s=$(sed -nE 's/.*Skipped: +([0-9]+).*/\1/p' <<< "$line")
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
    if [ "${f:-0}" -eq 0 ] && { [ "$code" -ne 0 ] || [ "${p:-0}" -lt "$minimum" ]; }; then
        echo "$name: exit code $code, ${p:-0} tests passed where at least $minimum should"
        failed=$((failed + 1))
    fi
}

# leg NARROWING WIDTH VARIABLE=VALUE: the tests of kernels; a machine that is narrower anyway expects its own width.
leg()
{
    local width=$(($2 < widest ? $2 : widest)) project
    for project in "${kernel_projects[@]}"; do
        run "$project, $1, width $width" "${least[$project]}" "Category=Simd${filter:+&$filter}" "tests/$project" \
            "$3" "POCKETSAM_EXPECT_SIMD=$width"
    done
}

for project in tests/*/; do
    name=$(basename "$project")
    if [ -n "${least[$name]:-}" ]; then
        run "$name, width $widest" "${least[$name]}" "$filter" "$project" \
            "POCKETSAM_EXPECT_SIMD=$widest" ${settings[@]+"${settings[@]}"}
    else
        run "$name" 0 "$filter" "$project" POCKETSAM_EXPECT_SIMD=
    fi
done

leg 'no AVX-512' 8 DOTNET_EnableAVX512=0
leg '128 bits' 4 DOTNET_PreferredVectorBitWidth=128
leg 'no vectors' 1 DOTNET_EnableHWIntrinsic=0

echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ]
