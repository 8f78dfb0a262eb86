#!/usr/bin/env bash
# Everything that is done to this repository: what CI runs is what a person runs.
set -euo pipefail

root="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
cd "$root"

export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

npm_projects=(src/realtimehub-client samples/Dashboard) # in build order

usage() {
    cat <<'TEXT'
Usage: ./build.sh COMMAND

  run             build and start the server, with the dashboard and the demo agent
  test            build everything and run every test, in .NET and in TypeScript
  test NAME       only the tests of tests/RealtimeHub.NAME.Tests
  test-docker     the tests that need NATS and Redis, with these in containers (images nats:2.9, redis:7.0)
  test-nats       the tests that need NATS, with the nats-servers of later Debian releases (default: trixie sid)
  format          check the formatting of the C# sources (--fix: correct it)
  contract        write what the server serves as its contract into docs/contract
  pack            make the NuGet packages of Contracts and Client, in artifacts/packages
  bench           measure everything (about twenty minutes); docs/benchmarks.md says what
  bench SCENARIO  measure one thing: fanout latency stalled idle storm topics subscriptions commands sqlite micro nats
  soak [MINUTES]  look for cases in which the delivery engine breaks a promise, with new seeds each time (default: 10)
TEXT
}

fail() {
    echo "build.sh: $*" >&2
    exit 1
}

# --- processes that this script starts, and ends ------------------------------------------------------------------

work=""    # scratch folder
scratch=() # removed at exit
pids=()    # ended at exit, newest first

cleanup() {
    local i
    trap - EXIT INT TERM
    for ((i = ${#pids[@]} - 1; i >= 0; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
    done
    rm -rf "${scratch[@]}"
}

begin() {
    trap cleanup EXIT
    trap 'exit 130' INT
    trap 'exit 143' TERM
    work="$(mktemp -d "${TMPDIR:-/tmp}/realtimehub.XXXXXX")"
    scratch+=("$work")
}

listens() { # port
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

free_port() {
    local port
    while :; do
        port=$((20000 + RANDOM % 10000)) # below the ephemeral ports that clients are given
        listens "$port" || break
    done
    echo "$port"
}

wait_for_port() { # name, port, pid
    local deadline=$((SECONDS + 30))
    until listens "$2"; do
        kill -0 "$3" 2>/dev/null || return 1
        ((SECONDS < deadline)) || fail "$1 did not open port $2 within 30 s"
        sleep 0.1
    done
}

# --- what a build needs -------------------------------------------------------------------------------------------

has() { command -v "$1" >/dev/null 2>&1; }

require_dotnet() {
    has dotnet || fail "install the .NET SDK that global.json names"
}

is_debian_root() {
    [[ "$(id -u)" == 0 && -r /etc/os-release ]] && grep -q '^ID=debian$' /etc/os-release
}

apt_install() { # packages
    local policy=/usr/sbin/policy-rc.d
    echo "Installing $*"
    if [[ ! -e "$policy" ]]; then
        # Tells Debian not to start the services that come with the packages.
        scratch+=("$policy")
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
    fi
    # What is missing afterwards is named by the caller.
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends "$@"; } \
        >"$work/apt.log" 2>&1 || tail -n 20 "$work/apt.log" >&2
}

require_test_tools() {
    local tool missing=()
    has chromium || missing+=(chromium)
    has nats-server || missing+=(nats-server)
    has redis-server || missing+=(redis-server)
    has nginx || missing+=(nginx-light)
    if is_debian_root; then
        has curl || missing+=(curl ca-certificates)
        has xz || missing+=(xz-utils)
        [[ -d /usr/share/fonts/truetype/dejavu ]] || missing+=(fonts-dejavu-core)
        ((${#missing[@]} == 0)) || apt_install "${missing[@]}"
    fi
    missing=()
    for tool in chromium nginx timeout; do
        has "$tool" || missing+=("$tool")
    done
    if ! has_server_binaries && ! docker_answers; then
        missing+=("nats-server and redis-server, or a Docker engine")
    fi
    ((${#missing[@]} == 0)) || fail "install first: ${missing[*]}"
}

has_server_binaries() {
    has nats-server && has redis-server
}

docker_answers() {
    has docker && docker info >/dev/null 2>&1
}

build_dotnet() { # project or solution
    local log="$work/build.log" code=0
    echo "Building $1"
    dotnet build "$1" --configuration Release --verbosity quiet >"$log" 2>&1 || code=$?
    grep -E ': (warning|error) ' "$log" | sort -u >&2 || true
    ((code == 0)) || fail "$1 does not build"
}

# --- TypeScript ---------------------------------------------------------------------------------------------------

has_npm() {
    if ! has npm; then
        echo "npm is not there: the dashboard and the TypeScript client are left out (install Node 20 or newer)"
        return 1
    fi
}

newer_than() { # file: sources of the npm projects that are newer
    find "${npm_projects[@]}" \( -name node_modules -o -name dist \) -prune -o -type f -newer "$1" -print -quit
}

build_npm() {
    local project stamp log
    for project in "${npm_projects[@]}"; do
        stamp="$project/node_modules/.built"
        if [[ -d "$project/dist" && -e "$stamp" && -z "$(newer_than "$stamp")" ]]; then
            continue
        fi
        echo "Building $project"
        log="$work/npm.log"
        if ! (cd "$project" && npm ci --no-audit --no-fund && npm run build) >"$log" 2>&1; then
            cat "$log" >&2
            fail "$project does not build"
        fi
        touch "$stamp"
    done
}

# --- test ---------------------------------------------------------------------------------------------------------

# Runs a command with a deadline, shows its output and keeps it in the log. Whatever it leaves running is ended.
run_limited() { # seconds, log, command
    local seconds="$1" log="$2" code=0 out tee_pid pid
    shift 2
    exec {out}> >(exec tee "$log")
    tee_pid=$!
    timeout --kill-after=10 "$seconds" "$@" >&"$out" 2>&1 & # a process group of its own, named after its leader
    pid=$!
    pids+=("$pid")
    wait "$pid" || code=$?
    kill -KILL -- "-$pid" 2>/dev/null || true
    unset 'pids[-1]'
    exec {out}>&-
    wait "$tee_pid"
    return "$code"
}

passed=0
failed=0
skipped=0

# Adds up lines such as "  succeeded: 12". A project that crashed, ran out of time or ran no test counts as a failure.
add_dotnet_summary() { # log, exit code, project
    local p f s
    read -r p f s < <(tr -d '\r' <"$1" | awk '
        /^Test run summary:/ { inside = 1 }
        inside && $1 == "succeeded:" { p = $2 }
        inside && $1 == "failed:" { f = $2 }
        inside && $1 == "skipped:" { s = $2 }
        END { print p + 0, f + 0, s + 0 }')
    if ((f == 0 && ($2 != 0 || p == 0))); then
        echo "$(basename "$3" .csproj) failed: $(describe_exit "$2")" >&2
        f=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

describe_exit() { # exit code
    case "$1" in
        0 | 8) echo "it ran no test" ;;
        124 | 137) echo "it was ended when its time was up" ;;
        *) echo "exit code $1" ;;
    esac
}

# Adds up Vitest's line "Tests  1 failed | 11 passed | 2 skipped (14)".
add_vitest_summary() { # log, exit code, project
    local p f s
    read -r p f s < <(sed 's/\x1b\[[0-9;]*m//g' "$1" | awk '
        $1 == "Tests" {
            for (i = 3; i <= NF; i++) {
                if ($i == "passed") p += $(i - 1)
                if ($i == "failed") f += $(i - 1)
                if ($i == "skipped" || $i == "todo") s += $(i - 1)
            }
        }
        END { print p + 0, f + 0, s + 0 }')
    if ((f == 0 && ($2 != 0 || p == 0))); then
        echo "$3 failed: $(describe_exit "$2")" >&2
        f=1
    fi
    passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

test_npm() {
    local project code log="$work/vitest.log"
    for project in "${npm_projects[@]}"; do
        code=0
        run_limited 300 "$log" env CI=true NO_COLOR=1 npm --prefix "$project" test || code=$?
        add_vitest_summary "$log" "$code" "$project"
    done
}

start_nats() {
    local port pid
    port="$(free_port)"
    nats-server -js -sd "$work/nats" -a 127.0.0.1 -p "$port" >"$work/nats.log" 2>&1 &
    pid=$!
    pids+=("$pid")
    wait_for_port nats-server "$port" "$pid" || { cat "$work/nats.log" >&2; fail "nats-server ended"; }
    export REALTIMEHUB_TEST_NATS="nats://127.0.0.1:$port"
}

# Streams with replicas need a nats-server that Debian 12 does not have: then the one of Debian 13, which is not installed.
find_nats_for_replicas() {
    local version
    [[ -z "${REALTIMEHUB_TEST_NATS_REPLICAS_PROGRAM:-}" ]] || return 0
    version="$(nats-server --version)"
    [[ "$(printf '%s\n' 2.10.19 "${version##*v}" | sort -V | head -n 1)" != 2.10.19 ]] || return 0
    has dpkg-deb || fail "install nats-server 2.10.19 or later: the tests of replicas need it, and ${version} is there"
    fetch_nats trixie "$work/nats-trixie"
    export REALTIMEHUB_TEST_NATS_REPLICAS_PROGRAM="$work/nats-trixie/usr/sbin/nats-server"
    echo "Replicas with $("$REALTIMEHUB_TEST_NATS_REPLICAS_PROGRAM" --version)"
}

start_redis() {
    local port pid
    port="$(free_port)"
    redis-server --bind 127.0.0.1 --port "$port" --save '' --appendonly no --dir "$work" >"$work/redis.log" 2>&1 &
    pid=$!
    pids+=("$pid")
    wait_for_port redis-server "$port" "$pid" || { cat "$work/redis.log" >&2; fail "redis-server ended"; }
    export REALTIMEHUB_TEST_REDIS="127.0.0.1:$port"
}

# One project at a time: ten minutes each, and the whole script ends within 25 minutes. The runner's own timeout only
# asks; a test that does not listen is ended by the outer one.
test_dotnet() { # project file
    local code=0 log="$work/dotnet-test.log" budget=$((24 * 60 - SECONDS))
    ((budget < 600)) || budget=600
    ((budget > 30)) || fail "out of time before $1"
    run_limited "$budget" "$log" \
        dotnet test --project "$1" --configuration Release --no-build --no-restore \
        --timeout "$((budget - 20))s" --no-ansi --progress off || code=$?
    add_dotnet_summary "$log" "$code" "$1"
}

test_command() { # [name]
    local name="${1:-}" target=RealtimeHub.sln project
    local projects=(tests/*.Tests/*.csproj)
    if [[ -n "$name" ]]; then
        target="tests/RealtimeHub.$name.Tests/RealtimeHub.$name.Tests.csproj"
        [[ -f "$target" ]] || fail "there is no $target"
        projects=("$target")
    fi

    require_dotnet
    begin
    require_test_tools
    if has_npm; then
        build_npm
        [[ -n "$name" ]] || test_npm
    fi
    build_dotnet "$target"

    REALTIMEHUB_TEST_CHROMIUM="$(command -v chromium)"
    export REALTIMEHUB_TEST_CHROMIUM
    # Without the programs the tests take containers.
    if [[ "${REALTIMEHUB_TEST_SERVERS:-}" != docker ]] && has_server_binaries; then
        export REALTIMEHUB_TEST_SERVERS=binaries
        start_nats
        start_redis
        [[ -n "$name" && "$name" != Nats ]] || find_nats_for_replicas
    fi
    for project in "${projects[@]}"; do
        test_dotnet "$project"
    done
    report_tests
}

test_docker_command() {
    local name
    require_dotnet
    begin
    docker_answers || fail "no Docker engine answers"
    export REALTIMEHUB_TEST_SERVERS=docker
    unset REALTIMEHUB_TEST_NATS REALTIMEHUB_TEST_REDIS
    for name in Nats Redis Cluster; do
        build_dotnet "tests/RealtimeHub.$name.Tests"
        test_dotnet "tests/RealtimeHub.$name.Tests/RealtimeHub.$name.Tests.csproj"
    done
    report_tests
}

# With nats-servers that this machine does not have: those of later Debian releases, which are not installed.
test_nats_command() { # [releases]
    local release name folder releases=("$@") path="$PATH"
    ((${#releases[@]} > 0)) || releases=(trixie sid)
    require_dotnet
    begin
    for name in curl xz dpkg-deb redis-server nginx; do
        has "$name" || fail "install first: $name"
    done
    for name in Nats Cluster; do
        build_dotnet "tests/RealtimeHub.$name.Tests"
    done
    export REALTIMEHUB_TEST_SERVERS=binaries
    unset REALTIMEHUB_TEST_NATS REALTIMEHUB_TEST_REDIS REALTIMEHUB_TEST_NATS_REPLICAS_PROGRAM
    for release in "${releases[@]}"; do
        folder="$work/nats-$release"
        fetch_nats "$release" "$folder"
        export PATH="$folder/usr/sbin:$path"
        echo "With $(nats-server --version), of $release"
        for name in Nats Cluster; do
            test_dotnet "tests/RealtimeHub.$name.Tests/RealtimeHub.$name.Tests.csproj"
        done
    done
    report_tests
}

fetch_nats() { # Debian release, folder: unpacks the package of nats-server there
    local mirror=https://deb.debian.org/debian file="" sum=""
    read -r file sum < <(
        curl -fsS --retry 3 "$mirror/dists/$1/main/binary-$(dpkg --print-architecture)/Packages.xz" | xz -dc | awk '
            $1 == "Package:" { inside = $2 == "nats-server" }
            inside && $1 == "Filename:" { file = $2 }
            inside && $1 == "SHA256:" { sum = $2 }
            END { print file, sum }') || true
    [[ -n "$file" && -n "$sum" ]] || fail "Debian $1 has no nats-server"
    mkdir -p "$2"
    curl -fsS --retry 3 -o "$2/nats-server.deb" "$mirror/${file//+/%2B}"
    echo "$sum  $2/nats-server.deb" | sha256sum --check --quiet
    dpkg-deb -x "$2/nats-server.deb" "$2"
}

report_tests() {
    echo
    if ((skipped > 0)); then
        echo "$passed passed, $failed failed, $skipped skipped"
    else
        echo "$passed passed, $failed failed"
    fi
    ((failed == 0 && passed > 0))
}

# --- soak ---------------------------------------------------------------------------------------------------------

# The tests of the delivery model, with new seeds until the time is over. A failure names its seed:
# REALTIMEHUB_SOAK_SEED=… runs that one alone.
soak_command() { # [minutes]
    local minutes="${1:-10}" project=tests/RealtimeHub.Core.Tests
    [[ "$minutes" =~ ^[1-9][0-9]*$ ]] || fail "soak takes a number of minutes"
    require_dotnet
    begin
    build_dotnet "$project"
    echo "Soaking for $minutes min"
    REALTIMEHUB_SOAK_MINUTES="$minutes" run_limited "$((minutes * 60 + 600))" "$work/soak.log" \
        dotnet test --project "$project/RealtimeHub.Core.Tests.csproj" --configuration Release --no-build --no-restore \
        --filter-class '*.Delivery.Model.*' --no-ansi --progress off
}

# --- run ----------------------------------------------------------------------------------------------------------

run_command() {
    local address port server started code=0
    require_dotnet
    begin
    if has_npm; then
        build_npm
    fi
    build_dotnet src/RealtimeHub.Server
    build_dotnet samples/DemoAgent

    export ASPNETCORE_URLS="${ASPNETCORE_URLS:-http://localhost:5080}"
    export ASPNETCORE_ENVIRONMENT="${ASPNETCORE_ENVIRONMENT:-Development}"
    export DOTNET_ENVIRONMENT="${DOTNET_ENVIRONMENT:-$ASPNETCORE_ENVIRONMENT}"
    address="${ASPNETCORE_URLS%%;*}"
    port="${address##*:}"
    port="${port%%/*}"
    ! listens "$port" || fail "port $port is taken: set ASPNETCORE_URLS to another address"

    start_server "$port"
    dotnet samples/DemoAgent/bin/Release/net10.0/DemoAgent.dll --server "$address" &
    pids+=("$!")
    echo "RealtimeHub is at $address (Ctrl+C ends it)"

    # A server that is killed comes back, as it would under any supervisor; one that cannot live is not tried for ever.
    while true; do
        started=$SECONDS
        wait "$server" || code=$?
        ((SECONDS - started >= 3)) || exit "$code"
        echo "The server ended ($code) and is started again."
        start_server "$port"
    done
}

start_server() { # start_server PORT: sets $server
    dotnet src/RealtimeHub.Server/bin/Release/net10.0/RealtimeHub.Server.dll &
    server=$!
    pids+=("$server")
    wait_for_port "the server" "$1" "$server" || fail "the server ended"
}

# --- the rest -----------------------------------------------------------------------------------------------------

format_command() {
    require_dotnet
    dotnet restore RealtimeHub.sln --verbosity quiet
    case "${1:-}" in
        "") dotnet format RealtimeHub.sln --verify-no-changes --no-restore ;;
        --fix) dotnet format RealtimeHub.sln --no-restore ;;
        *) fail "format knows --fix and nothing else" ;;
    esac
}

pack_command() {
    local project
    require_dotnet
    for project in RealtimeHub.Contracts RealtimeHub.Client; do
        dotnet pack "src/$project" --configuration Release --verbosity quiet
    done
    ls artifacts/packages
}

# The test that compares docs/contract with what is served writes it instead.
contract_command() {
    local project=tests/RealtimeHub.Integration.Tests
    require_dotnet
    begin
    build_dotnet "$project"
    REALTIMEHUB_WRITE_CONTRACT=1 run_limited 120 "$work/contract.log" \
        dotnet test --project "$project/RealtimeHub.Integration.Tests.csproj" --configuration Release --no-build --no-restore \
        --filter-class '*.Documents.ContractCopiesTests' --no-ansi --progress off || fail "the contract was not written"
    git --no-pager diff --stat -- docs/contract 2>/dev/null || true
}

bench_command() { # [scenario] [--option value]...
    require_dotnet
    begin
    build_dotnet tests/RealtimeHub.Benchmarks
    # In the background, so that a signal reaches it and its servers at once.
    dotnet tests/RealtimeHub.Benchmarks/bin/Release/net10.0/RealtimeHub.Benchmarks.dll "$@" &
    pids+=("$!")
    wait "$!"
}

case "${1:-}" in
    run) run_command ;;
    test) test_command "${2:-}" ;;
    test-docker) test_docker_command ;;
    test-nats) test_nats_command "${@:2}" ;;
    format) format_command "${2:-}" ;;
    contract) contract_command ;;
    pack) pack_command ;;
    bench) bench_command "${@:2}" ;;
    soak) soak_command "${2:-}" ;;
    help | -h | --help) usage ;;
    *)
        usage >&2
        exit 2
        ;;
esac
