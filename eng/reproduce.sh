#!/usr/bin/env bash
# The papers' comparisons at the scale of two cores: a small student (pocket_s at 320 pixels) learns from the default
# model on the photos of coco, cats and clothing. What is done is not done again: delete its folder to repeat it, stop and
# go on at will.
#
#   eng/reproduce.sh schemes    decoupled, semi-coupled, coupled, decoupled before full-stage, and the same student
#                               without a teacher, at about equal time                  (MobileSAM, table 2)
#   eng/reproduce.sh epochs     batch and epochs of decoupled distillation              (MobileSAM, table 4)
#   eng/reproduce.sh stages     losses, hard prompts, hard masks, EdgeSAM's loop        (TinySAM, tables 3 and 4)
#   eng/reproduce.sh points     two points, 100 to 500 pixels apart                     (MobileSAM, table 7)
#   eng/reproduce.sh table      prints what there is
#
# DATA (../shared/data), RUNS (runs/reproduce), SEEDS ("1 2 3"), TEACHER (default) may be set.
set -euo pipefail
cd "$(dirname "$0")/.."
data=${DATA:-../shared/data} runs=${RUNS:-runs/reproduce} seeds=${SEEDS:-1 2 3} teacher=${TEACHER:-default}
size=320 sets="coco cats clothing"
pocketsam=${POCKETSAM:-./pocketsam}
[ -d "$data/coco" ] || { echo "$data: no data; set DATA to the folder with coco, cats and clothing" >&2; exit 1; }
mkdir -p "$runs"

sources=()
cache() {
    local set
    for set in $sets; do
        $pocketsam embed "$data/$set/train.json" --cache "$runs/cache/$set" --model "$teacher" --image-size $size > /dev/null
        sources+=(--data "$data/$set/train.json" --cache "$runs/cache/$set")
    done
}

# run NAME STAGES OPTION...: a student for each seed, and how it compares with teacher and marked masks.
run() {
    local name=$1 stages=$2 seed folder resume
    shift 2
    for seed in $seeds; do
        folder=$runs/$name-$seed
        [ -f "$folder/done" ] && continue
        resume=()
        [ -f "$folder/checkpoint.safetensors" ] && resume=(--resume)
        echo "== $name, seed $seed"
        $pocketsam distill --output "$folder" --teacher "$teacher" --teacher-size $size --student pocket_s "${sources[@]}" \
            --stages "$stages" --masks 4 --learning-rate 1e-3 --warmup 30 --seed "$seed" "$@" "${resume[@]}"
        $pocketsam evaluate --model "$folder/model.safetensors" --image-size $size --teacher "$teacher" \
            --teacher-image-size $size --data "$data/coco/val.json" --protocol box,1-click > "$folder/agreement.txt"
        $pocketsam evaluate --model "$folder/model.safetensors" --image-size $size \
            --data "$data/coco/val.json" --protocol box,1-click > "$folder/truth.txt"
        touch "$folder/done"
    done
}

# The mean and the range of a column of numbers.
spread() { awk '{ s += $1; if (NR == 1 || $1 < l) l = $1; if (NR == 1 || $1 > h) h = $1 }
    END { if (NR > 1) printf "%.3f (%.3f-%.3f)", s / NR, l, h; else if (NR) printf "%.3f", s; else printf "-" }'; }

table() {
    local name folder
    echo "| run | runs | steps | seconds | box, teacher | 1 click, teacher | box, truth | 1 click, truth |"
    echo "|---|---|---|---|---|---|---|---|"
    for name in $(find "$runs" -name done -printf '%h\n' | sed -E 's|.*/||; s|-[0-9]+$||' | sort -u); do
        mapfile -t folder < <(find "$runs" -path "$runs/$name-[0-9]*/done" -printf '%h\n' | sort)
        printf '| %s | %d | %d | %d | %s | %s | %s | %s |\n' "$name" "${#folder[@]}" \
            "$(tail -qn 1 "${folder[0]}/log.csv" | cut -d, -f1)" \
            "$(for f in "${folder[@]}"; do awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seconds") c = i; next }
                { s += $c } END { printf "%d\n", s }' "$f/log.csv"; done | awk '{ s += $1 } END { printf "%d", s / NR }')" \
            "$(awk '$1 == "box" { print $2 }' "${folder[@]/%//agreement.txt}" | spread)" \
            "$(awk '$1 == "1-click" { print $2 }' "${folder[@]/%//agreement.txt}" | spread)" \
            "$(awk '$1 == "box" { print $4 }' "${folder[@]/%//truth.txt}" | spread)" \
            "$(awk '$1 == "1-click" { print $4 }' "${folder[@]/%//truth.txt}" | tr -d , | spread)"
    done
}

case ${1:-} in
    schemes)
        cache
        run schemes-decoupled ${size}x800x8:decoupled
        run schemes-semi-coupled ${size}x400x8:semi-coupled
        run schemes-coupled ${size}x300x8:coupled
        run schemes-decoupled-full-stage ${size}x400x8:decoupled,${size}x170x8:full-stage
        run schemes-marked-masks ${size}x480x8:coupled --teacher-mask-weight 0 --truth-weight 1
        ;;
    epochs)
        cache
        run epochs-2-batch-4 ${size}x640x4:decoupled
        run epochs-4-batch-8 ${size}x640x8:decoupled
        run epochs-8-batch-8 ${size}x1280x8:decoupled
        ;;
    stages)
        # From random weights, without a decoupled beginning.
        cache
        then=${size}x200x8:full-stage
        run stages-0-decoupled-only ${size}x700x8:decoupled
        run stages-1-masks "$then" --embedding-weight 0 --token-weight 0
        run stages-2-embedding "$then" --token-weight 0
        run stages-3-tokens "$then"
        run stages-4-hard-prompts "$then" --prompt-sampling hard
        run stages-5-hard-masks "$then" --prompt-sampling hard --hard-mask-weighting
        run stages-6-disagreement "${size}x130x8:full-stage" --prompt-sampling disagreement
        run stages-7-disagreement-teacher-masks "${size}x130x8:coupled" --prompt-sampling disagreement
        ;;
    points)
        cache
        run schemes-decoupled ${size}x800x8:decoupled
        $pocketsam evaluate --model "$runs/schemes-decoupled-${seeds%% *}/model.safetensors" --image-size $size \
            --teacher "$teacher" --teacher-image-size $size --data "$data/coco/val.json" \
            --protocol 2-points-100,2-points-200,2-points-300,2-points-400,2-points-500 | tee "$runs/points.txt"
        ;;
    table) ;;
    *) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
table
