# shellcheck shell=bash
# Debian 12 packages that the build needs, and a function that installs those of a list that are missing.
# Sourced by the wrapper and by .ci/run, so that there is one list.

# shellcheck disable=SC2034  # used by the scripts that source this file
kBuildPackages=(
  g++ cmake ninja-build pkg-config
  libyaml-cpp-dev libcxxopts-dev libspdlog-dev libfmt-dev nlohmann-json3-dev
  libhdf5-dev libmuparser-dev libssl-dev libeigen3-dev zlib1g-dev libboost-dev libarchive-dev
  librocksdb-dev libhnswlib-dev
  prometheus-cpp-dev libsystemd-dev
)
# shellcheck disable=SC2034
kTestPackages=(libgtest-dev libboost-context-dev python3)
# For comparisons with independent programs, which say so where these are missing.
# shellcheck disable=SC2034
kReferencePackages=(python3-numpy python3-scipy python3-h5py python3-yaml python3-jsonschema hdf5-tools)
# For opening the report's page, which only the long tests do.
# shellcheck disable=SC2034
kBrowserPackages=(chromium chromium-driver python3-selenium fonts-dejavu-core)
# The other compiler with its fuzzer, for long tests as well.
# shellcheck disable=SC2034
kFuzzPackages=(clang libclang-rt-14-dev)
# shellcheck disable=SC2034
kStylePackages=(clang-format)

say() { printf 'sharpwave: %s\n' "$*" >&2; }

# missing_packages PACKAGE... prints those that dpkg does not know as installed.
missing_packages() {
  local installed package
  installed=$(dpkg-query -W -f='${db:Status-Status} ${Package}\n' "$@" 2>/dev/null || true)
  for package in "$@"; do
    grep -qxF "installed $package" <<<"$installed" || printf '%s\n' "$package"
  done
}

# install_packages LOG PACKAGE... installs what is missing, or says what the user has to do.
install_packages() {
  local log=$1
  shift
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    say "this is not a Debian system, so nothing is installed; the build needs the equivalents of: $*"
    return 0
  fi
  local missing=()
  mapfile -t missing < <(missing_packages "$@")
  ((${#missing[@]})) || return 0

  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null; then
      say "these packages are missing, and this is neither root nor is there sudo; as root, run:"
      say "  apt-get install --no-install-recommends ${missing[*]}"
      return 1
    fi
    # Without a terminal sudo could only wait for a password that nobody types.
    if [[ -t 0 ]]; then apt=(sudo "${apt[@]}"); else apt=(sudo -n "${apt[@]}"); fi
  fi

  say "installing ${#missing[@]} missing Debian package(s): ${missing[*]}"
  mkdir -p "$(dirname "$log")"
  : >"$log"
  local install=("${apt[@]}" install --no-install-recommends "${missing[@]}")
  local has_lists
  has_lists=$(find /var/lib/apt/lists -maxdepth 1 -name '*_Packages*' -print -quit 2>/dev/null || true)
  if [[ -n $has_lists ]] && "${install[@]}" >>"$log" 2>&1; then return 0; fi
  # No lists, or lists so old that their files are gone from the archive.
  if "${apt[@]}" update >>"$log" 2>&1 && "${install[@]}" >>"$log" 2>&1; then return 0; fi
  say "apt-get could not install ${missing[*]}; the end of $log:"
  tail -n 20 "$log" >&2
  return 1
}
