#!/usr/bin/env bash
# Many machines, tried on this one over loopback with the engines that people use: shares under Slurm, training under Open MPI,
# replicas behind nginx with a folder and with a Redis. What is not installed is passed over and told.
#
#   eng/cluster-test.sh              needs ./pocketsam built (Release); POCKETSAM names another program
#   eng/cluster-test.sh --kills 10   kill -9 of a share, a rank and a replica at so many random moments each (default: 2)
#
# Everything runs in a folder of its own below TMPDIR and is ended by its process id. The last line is "N passed, N failed,
# N passed over"; the exit code is 1 where any failed.
set -uo pipefail
kills=2
case $# in
    0) ;;
    2) [ "$1" = --kills ] && [ "$2" -ge 0 ] 2> /dev/null || { echo "expected --kills N" >&2; exit 2; }; kills=$2 ;;
    *) echo "expected --kills N" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/.."
root=$PWD
export POCKETSAM=${POCKETSAM:-$root/src/PocketSam.Cli/bin/Release/net10.0/PocketSam.Cli}
[ -x "$POCKETSAM" ] || { echo "$POCKETSAM: not built; run make" >&2; exit 1; }
work=$(mktemp -d "${TMPDIR:-/tmp}/pocketsam-cluster-XXXXXX")
chmod 755 "$work"    # nginx's workers are somebody else
passed=0 failed=0 over=0 pids=()

stop() {
    cd "$root"
    [ -f "$work/slurm/slurm.conf" ] && eng/slurm/loopback.sh stop "$work/slurm"
    [ -f "$work/nginx.pid" ] && kill "$(cat "$work/nginx.pid")" 2> /dev/null
    for pid in "${pids[@]}"; do kill "$pid" 2> /dev/null; done
    wait 2> /dev/null
    rm -rf "$work"
}
trap stop EXIT

check() {
    local name=$1
    shift
    if "$@" > "$work/check.log" 2>&1; then
        echo "ok      $name"
        passed=$((passed + 1))
    else
        echo "FAILED  $name"
        tail -n 15 "$work/check.log" | sed 's/^/        /'
        failed=$((failed + 1))
    fi
}

has() {
    local program
    for program in "$@"; do
        command -v "$program" > /dev/null || { echo "over    ${name:-}: $program is not installed"; over=$((over + 1)); return 1; }
    done
}

until_true() {
    local i
    for i in $(seq 150); do "$@" > /dev/null 2>&1 && return 0; sleep 0.2; done
    return 1
}

free_port() { local port; for port in $(seq $((10000 + RANDOM % 20000)) 60000); do (: < "/dev/tcp/127.0.0.1/$port") 2> /dev/null || { echo "$port"; return; }; done; }

# Seconds from $1 to $2 tenths, at random.
some_time() { local tenths=$(($1 + RANDOM % ($2 - $1 + 1))); echo "$((tenths / 10)).$((tenths % 10))"; }

mkdir -p "$work/photos"
cp samples/*.jpg "$work/photos/"
cd "$work"

# ---- Slurm -----------------------------------------------------------------------------------------------------------
small=(--image-size 320)
few=(--points-per-side 8)
wait_for_jobs() { until_true test -z "$(squeue --noheader 2>/dev/null)"; until [ -z "$(squeue --noheader)" ]; do sleep 0.3; done; }

everything_by_slurm() {
    "$POCKETSAM" everything photos --output whole.json --format coco --merge "${few[@]}" "${small[@]}" --threads 1 &&
        "$root/eng/slurm/submit.sh" everything 3 photos labels.json "${few[@]}" "${small[@]}" && wait_for_jobs && cmp whole.json labels.json
}
embed_by_slurm() {
    "$POCKETSAM" embed photos --cache whole-cache "${small[@]}" --threads 1 &&
        "$root/eng/slurm/submit.sh" embed 3 photos cache "${small[@]}" && wait_for_jobs &&
        "$POCKETSAM" merge cache --output joined-cache && cmp whole-cache/*.safetensors joined-cache/*.safetensors
}
evaluate_by_slurm() {
    "$POCKETSAM" evaluate --data whole.json --protocol box,1-click --json whole-report.json "${small[@]}" --threads 1 &&
        "$root/eng/slurm/submit.sh" evaluate 3 whole.json measured --protocol box,1-click "${small[@]}" && wait_for_jobs &&
        cmp whole-report.json measured.json
}
# The seconds alone differ.
noc_by_slurm() {
    "$POCKETSAM" evaluate --data whole.json --protocol noc-3 --json whole-noc.json "${small[@]}" --threads 1 &&
        "$root/eng/slurm/submit.sh" evaluate 3 whole.json noc --protocol noc-3 "${small[@]}" && wait_for_jobs &&
        cmp <(grep -v '"seconds"' whole-noc.json) <(grep -v '"seconds"' noc.json)
}
# A task that fails keeps the merge from running; run again it goes on, and the merge is as if nothing had been.
failure_by_slurm() {
    cp -r photos broken && echo nothing > broken/broken.jpg
    read -r array merge < <("$root/eng/slurm/submit.sh" everything 2 broken broken.json "${few[@]}" "${small[@]}")
    wait_for_jobs
    [ ! -f broken.json ] || { echo "job $array failed, and the merge $merge ran"; return 1; }
    rm broken/broken.jpg
    "$root/eng/slurm/submit.sh" everything 2 broken broken.json "${few[@]}" "${small[@]}" && wait_for_jobs && [ -f broken.json ]
    grep -h "done already" pocketsam-everything-*.log | grep -v " 0 pictures were done already"
}

name=Slurm
if has slurmctld slurmd munged sbatch; then
    if [ "$(id -u)" != 0 ]; then
        echo "over    Slurm: its daemons need root"
        over=$((over + 1))
    elif started=$("$root/eng/slurm/loopback.sh" start "$work/slurm"); then
        eval "$started"
        check "Slurm: masks of an array are merged to the file of one process" everything_by_slurm
        check "Slurm: embeddings of an array are joined to the cache of one process" embed_by_slurm
        check "Slurm: an evaluation by an array is the report of one process" evaluate_by_slurm
        check "Slurm: a measure by an array is that of one process but for the seconds" noc_by_slurm
        check "Slurm: no merge after a task that failed; the array goes on when it is run again" failure_by_slurm
    else
        echo "FAILED  Slurm: does not start"
        failed=$((failed + 1))
    fi
fi

# ---- Shares that are killed ------------------------------------------------------------------------------------------
# Each is killed somewhere, begun again, and at last left to its end.
killed_shares() {
    local i share killed=0
    "$POCKETSAM" everything photos --output killed-whole.json --format coco --merge "${few[@]}" "${small[@]}" --threads 1 || return 1
    for i in $(seq "$kills"); do
        share=$((i % 3 + 1))
        timeout -s KILL "$(some_time 2 20)" "$POCKETSAM" everything photos --output killed.json --format coco --merge "${few[@]}" "${small[@]}" \
            --threads 1 --shard "$share/3"
        [ $? = 137 ] && killed=$((killed + 1))
    done
    echo "$killed of $kills were killed before their end"
    for share in 1 2 3; do
        "$POCKETSAM" everything photos --output killed.json --format coco --merge "${few[@]}" "${small[@]}" --threads 1 --shard "$share/3" || return 1
    done
    "$POCKETSAM" merge killed.json.parts && cmp killed-whole.json killed.json
}
check "shares: killed $kills times and begun again, they are merged to the file of one process" killed_shares

# ---- MPI -------------------------------------------------------------------------------------------------------------
export OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1
training=(train --architecture nano --scenes 1 --warmup 2 --learning-rate 1e-4 --threads 1)
distilling=(distill --teacher default --teacher-size 64 --student nano --scheme full-stage --scenes 1 --warmup 2 --learning-rate 1e-4 --threads 1)
ranks() { local n=$1; shift; mpirun -n "$n" --oversubscribe --mca mpi_yield_when_idle 1 "$POCKETSAM" "$@" < /dev/null; }
# The losses of two logs, to rounding: the fourth column.
same_losses() { paste -d, <(cut -d, -f1,4 "$1") <(cut -d, -f4 "$2") | awk -F, 'NR > 1 { d = $2 - $3; if (d < 0) d = -d; n++; if (d > 2e-4) { print; exit 1 } } END { if (n < 2) exit 1 }'; }
training_by_ranks() {
    "$POCKETSAM" "${training[@]}" --output one --stages 64x6x4 && ranks 4 "${training[@]}" --output four --stages 64x6x4 &&
        same_losses one/log.csv four/log.csv
}
distillation_by_ranks() {
    "$POCKETSAM" "${distilling[@]}" --output alone --stages 64x5x4 && ranks 3 "${distilling[@]}" --output three --stages 64x5x4 &&
        same_losses alone/log.csv three/log.csv
}
training_twice() { ranks 2 "${training[@]}" --output twice --stages 64x6x4 && ranks 2 "${training[@]}" --output again --stages 64x6x4 && cmp twice/checkpoint.safetensors again/checkpoint.safetensors; }
processes_of() { pgrep -P "$(pgrep -P "$1" -x mpirun)"; }
gone() { ! kill -0 "$1"; }
# $1: where; then what: a process dies by the hardest signal there is, the others end, and it goes on.
resumed() {
    local folder=$1 shell trained before
    shift
    ranks 2 "$@" --output "$folder" --stages 64x4000x4 --checkpoint-every 5 > "$folder.log" 2>&1 &
    shell=$!
    until_true test -f "$folder/checkpoint.safetensors"
    mapfile -t trained < <(processes_of "$shell")
    [ "${#trained[@]}" = 2 ] || { echo "${#trained[@]} processes"; return 1; }
    kill -9 "${trained[1]}"
    wait "$shell" && { echo "mpirun ends well though a process died"; return 1; }
    cat "$folder.log"
    changed() { [ "$(stat -c %y "$folder/checkpoint.safetensors")" != "$1" ]; }
    before=$(stat -c %y "$folder/checkpoint.safetensors")
    grep -q "signal 9" "$folder.log" || { echo "mpirun does not say why"; return 1; }
    until_true gone "${trained[0]}" || { echo "process ${trained[0]} goes on alone"; return 1; }
    "$POCKETSAM" info "$folder/checkpoint.safetensors" || return 1
    ranks 2 "$@" --output "$folder" --stages 64x4000x4 --checkpoint-every 5 --resume > "$folder.log" 2>&1 &
    shell=$!
    until_true changed "$before" || { cat "$folder.log"; return 1; }
    kill -TERM "$(pgrep -P "$shell" -x mpirun)"
    wait "$shell"
    cat "$folder.log"
    grep -q "goes on with --resume" "$folder.log"
}
# Killed at random moments and resumed, the result has the bits of one that was never stopped.
killed_ranks() {
    local i shell trained pid killed=0 course=(--stages "64x120x4" --checkpoint-every 3)
    ranks 2 "${training[@]}" --output unkilled "${course[@]}" > unkilled.log 2>&1 || { cat unkilled.log; return 1; }
    for i in $(seq "$kills"); do
        ranks 2 "${training[@]}" --output often "${course[@]}" --resume > often.log 2>&1 &
        shell=$!
        sleep "$(some_time 5 30)"
        mapfile -t trained < <(processes_of "$shell")
        if [ "${#trained[@]}" = 2 ]; then
            kill -9 "${trained[$((RANDOM % 2))]}" && killed=$((killed + 1))
        fi
        wait "$shell"
        for pid in "${trained[@]}"; do until_true gone "$pid" || { echo "process $pid goes on alone"; return 1; }; done
        [ ! -f often/checkpoint.safetensors ] || "$POCKETSAM" info often/checkpoint.safetensors > /dev/null || return 1
    done
    echo "$killed of $kills were killed before their end"
    ranks 2 "${training[@]}" --output often "${course[@]}" --resume || return 1
    cmp unkilled/checkpoint.safetensors often/checkpoint.safetensors
}
# srun starts the processes by itself; the bits are those of mpirun. Without pmix they do not know of each other, which is told.
training_by_srun() {
    srun -n 2 --mpi=pmix "$POCKETSAM" "${training[@]}" --output srun --stages 64x6x4 < /dev/null || return 1
    ranks 2 "${training[@]}" --output mpirun --stages 64x6x4 && cmp srun/checkpoint.safetensors mpirun/checkpoint.safetensors || return 1
    srun -n 2 --mpi=none "$POCKETSAM" "${training[@]}" --output unconnected --stages 64x6x4 < /dev/null > unconnected.log 2>&1 && return 1
    cat unconnected.log
    grep -q "srun started 2 processes that do not know of each other" unconnected.log && [ ! -f unconnected/checkpoint.safetensors ]
}
srun_that_loses_a_rank() {
    srun -n 2 --mpi=pmix --kill-on-bad-exit=1 "$POCKETSAM" "${training[@]}" --output lost --stages 64x4000x4 --checkpoint-every 5 < /dev/null > lost.log 2>&1 &
    local shell=$! trained
    until_true test -f lost/checkpoint.safetensors
    mapfile -t trained < <(pgrep -f -- "--output lost --stages" | while read -r pid; do [ "$(cat "/proc/$pid/comm")" = srun ] || echo "$pid"; done)
    kill -9 "${trained[-1]}"
    wait "$shell" && { echo "srun ends well though a process died"; return 1; }
    cat lost.log
    for pid in "${trained[@]}"; do until_true gone "$pid" || { echo "process $pid goes on alone"; return 1; }; done
    "$POCKETSAM" info lost/checkpoint.safetensors
}
rank_that_fails() {
    ranks 2 "${training[@]}" --output bad --data nowhere.json --stages 64x6x4 > bad.log 2>&1 && return 1
    cat bad.log
    grep -q "^.*pocketsam: process [01] of 2: .*nowhere.json" bad.log
}

name=MPI
if has mpirun; then
    check "MPI: four processes with a picture each are one process with four, to rounding" training_by_ranks
    if [ -n "${SLURM_CONF:-}" ] && has srun; then
        check "MPI: processes that srun starts train as those of mpirun, and say so where they are not connected" training_by_srun
        check "MPI: srun ends the others where a process dies, and the checkpoint is whole" srun_that_loses_a_rank
    fi
    check "MPI: the result depends on the number of processes alone" training_twice
    check "MPI: three processes distil as one does, to rounding" distillation_by_ranks
    check "MPI: a process that dies ends all, and the last checkpoint is whole" resumed halves "${training[@]}"
    check "MPI: the same of a distillation" resumed halves-distilled "${distilling[@]}"
    check "MPI: killed $kills times and resumed, the result has the bits of one that was never stopped" killed_ranks
    check "MPI: a process that fails says why and ends all" rank_that_fails
fi

# ---- Replicas --------------------------------------------------------------------------------------------------------
click='{"objects":[{"points":[{"x":398,"y":144,"label":1}]}]}'
json='content-type: application/json'
masks() { curl -sf "$1/api/v1/images/$2/predict" -H "$json" -d "$click" | sed 's/,"milliseconds.*//'; }
ready() { curl -sf "$1/api/v1/images/$2" | grep -q '"state":"ready"'; }
upload() { curl -sf --data-binary "@$root/samples/room.jpg" "$1/api/v1/images?name=room.jpg" | sed 's/.*"id":"\([^"]*\)".*/\1/'; }

replica() {
    "$POCKETSAM" serve --port "$1" --store "$2" --image-size 320 --rate 10000 --threads 1 > "replica-$1.log" 2>&1 &
    pids+=($!)
    replica=$!
}

start_replicas() {
    ports=() replicas=()
    local i
    for i in 1 2 3; do
        ports+=("$(free_port)")
        replica "${ports[-1]}" "$1"
        replicas+=("$replica")
    done
    for i in "${ports[@]}"; do until_true curl -sf "http://127.0.0.1:$i/readyz" || return 1; done
}

start_nginx() {
    port=$(free_port)
    sed -e "s/127.0.0.1:8081/127.0.0.1:${ports[0]}/; s/127.0.0.1:8082/127.0.0.1:${ports[1]}/; s/127.0.0.1:8083/127.0.0.1:${ports[2]}/; s/listen 8080/listen 127.0.0.1:$port/" \
        "$root/eng/nginx/pocketsam.conf" > pocketsam.conf
    cat > nginx.conf <<CONF
daemon on;
pid $work/nginx.pid;
error_log $work/nginx.log;
events { }
http { access_log off; client_body_temp_path $work/body; proxy_temp_path $work/proxy; fastcgi_temp_path $work/f; uwsgi_temp_path $work/u; scgi_temp_path $work/s; include $work/pocketsam.conf; }
CONF
    nginx -c "$work/nginx.conf" -e "$work/nginx.log"
}

any_replica() {
    local id port first
    id=$(upload "http://127.0.0.1:${ports[0]}") && until_true ready "http://127.0.0.1:${ports[0]}" "$id" || return 1
    first=$(masks "http://127.0.0.1:${ports[0]}" "$id")
    [ -n "$first" ] || return 1
    for port in "${ports[@]}"; do [ "$(masks "http://127.0.0.1:$port" "$id")" = "$first" ] || { echo "port $port answers otherwise"; return 1; }; done
}

# Clicks go on while a replica is killed and another is told to end: none is lost.
killed_replica() {
    local ids=() id lost=0 i
    for i in 1 2 3 4 5 6; do
        id=$(upload "http://127.0.0.1:$port") && until_true ready "http://127.0.0.1:$port" "$id" || { echo "upload $i"; return 1; }
        ids+=("$id")
    done
    for i in $(seq 60); do
        [ "$i" = 15 ] && kill -9 "${replicas[0]}"
        [ "$i" = 35 ] && kill -TERM "${replicas[1]}"
        [ -n "$(masks "http://127.0.0.1:$port" "${ids[$((i % 6))]}")" ] || lost=$((lost + 1))
    done
    echo "$lost of 60 clicks were lost"
    wait "${replicas[1]}"
    local code=$?
    [ "$lost" = 0 ] && [ "$code" = 0 ] || { echo "the replica that was told to end ended with $code"; return 1; }
}

# Clicks go on while replicas are killed at random moments and started again.
killed_replicas() {
    local ids=() id lost=0 clicks=0 i n until killed
    for i in 1 2 3 4 5 6; do
        id=$(upload "http://127.0.0.1:$port") && until_true ready "http://127.0.0.1:$port" "$id" || { echo "upload $i"; return 1; }
        ids+=("$id")
    done
    for i in $(seq "$kills"); do
        n=$((RANDOM % 3)) killed=0
        until=$((SECONDS + 3))
        while [ "$SECONDS" -lt "$until" ] || [ "$killed" = 0 ]; do
            if [ "$killed" = 0 ] && [ $((RANDOM % 8)) = 0 ]; then
                kill -9 "${replicas[$n]}"
                killed=1
            fi
            [ -n "$(masks "http://127.0.0.1:$port" "${ids[$((clicks % 6))]}")" ] || lost=$((lost + 1))
            clicks=$((clicks + 1))
        done
        replica "${ports[$n]}" "folder:$work/store"
        replicas[n]=$replica
        until_true curl -sf "http://127.0.0.1:${ports[$n]}/readyz" || { echo "replica $n does not come back"; return 1; }
    done
    echo "$lost of $clicks clicks were lost"
    [ "$lost" = 0 ]
}

name=nginx
if has curl nginx; then
    if start_replicas "folder:$work/store" && start_nginx; then
        check "replicas: each answers for any picture with the same masks, by a folder" any_replica
        check "replicas: no click behind nginx is lost when $kills are killed, one after the other, and started again" killed_replicas
        check "replicas: no click behind nginx is lost when one is killed and one is told to end" killed_replica
    else
        echo "FAILED  replicas: do not start"
        tail -n 5 "$work"/replica-*.log "$work/nginx.log" 2> /dev/null
        failed=$((failed + 1))
    fi
fi

name=Redis
if has curl redis-server; then
    redis=$(free_port)
    redis-server --port "$redis" --bind 127.0.0.1 --save '' --appendonly no > redis.log 2>&1 &
    pids+=($!)
    sleep 1
    if start_replicas "redis:127.0.0.1:$redis"; then
        check "replicas: each answers for any picture with the same masks, by a Redis" any_replica
    else
        echo "FAILED  replicas: do not start with a Redis"
        tail -n 5 "$work"/replica-*.log
        failed=$((failed + 1))
    fi
fi

echo "$passed passed, $failed failed, $over passed over"
[ "$failed" -eq 0 ]
