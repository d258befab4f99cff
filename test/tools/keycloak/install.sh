#!/usr/bin/env bash
# Installs what start.sh needs and this machine lacks: Java 17 or later, Maven and small tools. For Debian and Ubuntu;
# elsewhere it says what to install. Installs nothing that is there, and says each step on stderr.
set -euo pipefail

say() { echo "keycloak install: $*" >&2; }

# `java` may be there and too old; a version reads 1.8.0_402, 17.0.15 or 26-ea.
java_major() {
  local version
  version=$("${JAVA_HOME:+$JAVA_HOME/bin/}java" -version 2>&1 | sed -n 's/.* version "\([^"]*\)".*/\1/p' | head -1)
  version=${version#1.}
  version=${version%%[.-]*}
  echo "${version:-0}"
}

packages=()
[ "$(java_major || echo 0)" -ge 17 ] || packages+=(java)
for pair in mvn:maven tar:tar curl:curl sha256sum:coreutils setsid:util-linux pgrep:procps; do
  command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
done
if [ ${#packages[@]} -eq 0 ]; then
  say "nothing to do: Java $(java_major) and Maven are there"
  exit 0
fi
if ! command -v apt-get >/dev/null; then
  say "no apt-get here; install these yourself: ${packages[*]} (Java 17 or later)"
  exit 1
fi

as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
say "apt-get update"
"${as_root[@]}" apt-get update -qq >&2
if [ "${packages[0]}" = java ]; then
  # The first of these that this release has; the default one of Ubuntu 22.04 would be too old.
  for candidate in openjdk-21-jre-headless openjdk-17-jre-headless openjdk-25-jre-headless; do
    case "$(apt-cache policy "$candidate" 2>/dev/null)" in
      *"Candidate: "[0-9]*)
        packages[0]=$candidate
        break
        ;;
    esac
  done
  [ "${packages[0]}" != java ] || packages[0]=default-jre-headless
fi
say "apt-get install ${packages[*]}"
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
[ "$(java_major || echo 0)" -ge 17 ] || { say "java is still older than 17: set JAVA_HOME to a newer one"; exit 1; }
say "done: Java $(java_major) and Maven are there"
