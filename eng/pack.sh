#!/usr/bin/env bash
# Rebuilds the stand-in packages into eng/feed. Needed only after a change to their source.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")"
rm -f feed/*.nupkg
for package in NATS.NKeys MediatR.Contracts; do
    dotnet pack "$package" --configuration Release --nologo --verbosity quiet
    rm -rf "${package:?}/bin" "${package:?}/obj"
    # NuGet keeps the first copy that it saw of a version: forget that one.
    rm -rf "${NUGET_PACKAGES:-$HOME/.nuget/packages}/${package,,}"/*.99
done
ls feed
