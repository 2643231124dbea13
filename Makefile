.PHONY: build deps web browser node postgres cluster cluster-test demo test test-all pack native bench load reproduce-schemes reproduce-epochs reproduce-stages reproduce-points size clean
.NOTPARALLEL:

build: deps web
	@dotnet build PocketSam.slnx -c Release --no-restore -nologo -v quiet

# The packages of the projects. Nothing else is needed but the SDK.
deps:
	@command -v dotnet > /dev/null || { echo "the .NET SDK 10 is needed: https://dotnet.microsoft.com/download" >&2; exit 1; }
	@dotnet restore PocketSam.slnx -nologo -v quiet

# A click on a sample, or on a photo of yours: make demo PHOTO=photo.jpg POINT=520,310
PHOTO = samples/room.jpg
POINT = 398,144
demo: deps
	./pocketsam segment "$(PHOTO)" --point $(POINT) --overlay demo.png
	@echo "demo.png shows the mask"

# ONNX Runtime for the page, which then makes masks itself; where it cannot be had the page asks the service for them.
web:
	@eng/fetch-onnxruntime-web.sh || true

# What drives the page in its tests, which skip where it cannot be had.
browser:
	@command -v chromium > /dev/null || command -v chromium-browser > /dev/null || command -v google-chrome > /dev/null \
		|| eng/apt-install.sh "Chromium, which the tests of the page drive, is" chromium || true

# A client of JavaScript for exported models, whose test skips where it cannot be had.
node:
	@test -d artifacts/node/node_modules/onnxruntime-node || ! command -v npm > /dev/null \
		|| npm install --prefix artifacts/node --ignore-scripts --no-audit --no-fund --silent onnxruntime-node@1.30.0 || true

# What schedules, adds up and balances in the tests of many machines; a part that cannot be had is passed over.
cluster:
	@command -v slurmctld > /dev/null && command -v munged > /dev/null && command -v mpirun > /dev/null \
		&& command -v redis-server > /dev/null && command -v nginx > /dev/null \
		|| eng/apt-install.sh "Slurm, munge, Open MPI, Redis and nginx, which the tests of many machines use, are" \
			slurm-wlm munge openmpi-bin redis-server nginx-light || true

# Shares under Slurm, training under Open MPI, replicas behind nginx, all on this machine (docs/scale.md).
cluster-test: cluster build
	@eng/cluster-test.sh

# All tests but the slow ones, the engine's on four vector widths. The last line is the sum.
test: browser node build
	@eng/run-tests.sh

# PostgreSQL, in which labelling projects may lie: its tests skip where none can be had.
postgres:
	@eng/with-postgres.sh --has || eng/apt-install.sh "PostgreSQL, in which labelling projects may lie, is" postgresql || true

test-all: browser node postgres cluster build
	@eng/with-postgres.sh eng/run-tests.sh --slow
	@eng/cluster-test.sh

# All packages, into artifacts/packages, with the version of the git tag.
pack: deps web
	@dotnet pack PocketSam.slnx -c Release -o artifacts/packages -nologo -v quiet -p:Packing=true
	@ls artifacts/packages

# The command line for this machine, compiled ahead of time, with its model and SkiaSharp's library beside it: artifacts/native.
native: deps web
	@command -v clang > /dev/null || command -v gcc > /dev/null || { echo "clang or gcc is needed: it links what is compiled ahead of time" >&2; exit 1; }
	@rm -rf artifacts/native
	@dotnet publish src/PocketSam.Cli -c Release --use-current-runtime -o artifacts/native -nologo -v quiet \
		-p:PublishAot=true -p:IlcInstructionSet=native -p:PublishDocumentationFile=false -p:PublishReferencesDocumentationFiles=false
	@cd artifacts/native && rm -f *.pdb *.dbg && mv PocketSam.Cli pocketsam && ls

bench: deps
	dotnet run -c Release --project benchmarks/PocketSam.Benchmarks

# The papers' comparisons of ways to distil, at a small scale (docs/results.md): SEEDS="1 2 3" DATA=../shared/data
reproduce-schemes reproduce-epochs reproduce-stages reproduce-points: build
	@eng/reproduce.sh $(@:reproduce-%=%)

# The service under load: one user, eight users, eight users beside hostile uploads.
load: deps
	@dotnet build src/PocketSam.Cli -c Release --no-restore -nologo -v quiet
	@dotnet run -c Release --project benchmarks/PocketSam.Benchmarks -- load

# Files, lines, and the lines of the median and the longest file of each project.
size:
	@for project in src/* tests/*; do \
		git ls-files "$$project/*.cs" | xargs -r wc -l | grep -v ' total$$' | sort -n \
			| awk -v p="$$project" '{ n[NR] = $$1; sum += $$1 } END { if (NR) \
				printf "%-30s %4d files %6d lines, median %3d, longest %3d\n", p, NR, sum, n[int((NR + 1) / 2)], n[NR] }'; \
	done

clean:
	find src tests benchmarks -type d \( -name bin -o -name obj \) -prune -exec rm -rf {} +
