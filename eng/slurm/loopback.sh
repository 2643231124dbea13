#!/usr/bin/env bash
# Slurm of Debian (slurm-wlm, munge) on this machine alone, with a node of its own name and two processors, for tests.
#
#   eng/slurm/loopback.sh start FOLDER     FOLDER: state and logs; prints what to export
#   eng/slurm/loopback.sh stop FOLDER      ends what start began, by their process ids
#
# Needs root, as munged and slurmd do. Nothing in /etc is changed: SLURM_CONF leads to the configuration in FOLDER.
set -euo pipefail
[ $# = 2 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0" | sed '/^set/d' >&2; exit 2; }
folder=$2
case $1 in
    start)
        mkdir -p "$folder/state" "$folder/spool"
        folder=$(cd "$folder" && pwd)
        node=$(hostname -s) port=$((20000 + $$ % 20000))
        chmod 755 "$folder"
        head -c 1024 /dev/urandom > "$folder/munge.key"
        chmod 400 "$folder/munge.key"
        munged --force --key-file="$folder/munge.key" --socket="$folder/munge.socket" --pid-file="$folder/munged.pid" \
            --log-file="$folder/munged.log" --seed-file="$folder/munge.seed"
        cat > "$folder/slurm.conf" <<CONF
ClusterName=loopback
SlurmctldHost=$node(127.0.0.1)
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket=$folder/munge.socket
CredType=cred/munge
StateSaveLocation=$folder/state
SlurmdSpoolDir=$folder/spool
SlurmctldPidFile=$folder/slurmctld.pid
SlurmdPidFile=$folder/slurmd.pid
SlurmctldPort=$port
SlurmdPort=$((port + 1))
SlurmctldLogFile=$folder/slurmctld.log
SlurmdLogFile=$folder/slurmd.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SchedulerType=sched/backfill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
MpiDefault=none
NodeName=$node NodeAddr=127.0.0.1 CPUs=2 State=UNKNOWN
PartitionName=local Nodes=$node Default=YES MaxTime=INFINITE State=UP
CONF
        export SLURM_CONF=$folder/slurm.conf
        slurmctld
        slurmd -N "$node"
        for _ in $(seq 50); do
            sinfo --noheader --states=idle 2> /dev/null | grep -q "$node" && { echo "export SLURM_CONF=$SLURM_CONF"; exit 0; }
            sleep 0.2
        done
        echo "Slurm does not come up; see the logs in $folder" >&2
        tail -n 3 "$folder"/*.log >&2
        exit 1
        ;;
    stop)
        for name in slurmd slurmctld munged; do
            if [ -f "$folder/$name.pid" ]; then kill "$(cat "$folder/$name.pid")" 2> /dev/null || true; fi
        done
        ;;
    *) echo "$1: expected start or stop" >&2; exit 2 ;;
esac
