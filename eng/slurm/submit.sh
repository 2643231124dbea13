#!/usr/bin/env bash
# A job array over shares of the pictures, and a merge that waits until all of them are done.
#
#   eng/slurm/submit.sh embed      TASKS PHOTOS    CACHE        [OPTION...]
#   eng/slurm/submit.sh everything TASKS PHOTOS    LABELS.json  [OPTION...]
#   eng/slurm/submit.sh evaluate   TASKS DATA.json PARTS        [OPTION...]     the report: PARTS.json
#
# POCKETSAM is the program on the nodes; SBATCH_... variables are sbatch's own (SBATCH_PARTITION, SBATCH_TIMELIMIT). A folder
# that all nodes see is needed for input and output. Prints the two jobs.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
[ $# -ge 4 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '/^set/d' >&2; exit 2; }
verb=$1 tasks=$2 output=$4
[[ "$tasks" =~ ^[1-9][0-9]*$ ]] || { echo "$tasks: expected a number of tasks" >&2; exit 2; }
case $verb in
    embed) merge=("$output") ;;
    everything) merge=("$output.parts" --output "$output") ;;
    evaluate) merge=("$output" --json "$output.json") ;;
    *) echo "$verb: expected embed, everything or evaluate" >&2; exit 2 ;;
esac
array=$(sbatch --parsable --array="1-$tasks" "$here/$verb.sbatch" "${@:3}")
joined=$(sbatch --parsable --dependency="afterok:${array%%;*}" --kill-on-invalid-dep=yes "$here/merge.sbatch" "${merge[@]}")
echo "${array%%;*} ${joined%%;*}"
