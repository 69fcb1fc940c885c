# shellcheck shell=bash
# `. .ci/debian-rust.sh VERSION [PACKAGE…]` unpacks Debian's newest Rust whose version begins so, and
# the packages, below target/ without installing them, and makes cargo use it. If Debian does not have
# it, the check is skipped and says so.

version=$(apt-cache madison rustc-web 2>/dev/null |
    awk -F ' *[|] *' -v want="$1" 'index($2, want) == 1 { print $2; exit }') || true
if [ -z "$version" ]; then
    echo "SKIPPED ${0##*/}: apt-get finds no package rustc-web $1 here (after apt-get update, as root)"
    exit 0
fi

root=$PWD/target/rust-${version%%+*}
if [ ! -d "$root" ]; then
    minor=$(cut -d . -f 1,2 <<<"$version")
    packages=(rustc-web "libstd-rust-web-$minor" libstd-rust-web-dev "${@:2}")
    llvm=$(apt-cache depends "libstd-rust-web-$minor=$version" | sed -n 's/.*Depends: \(libllvm.*\)/\1/p')
    rm -rf "$root.new"
    mkdir -p "$root.new/debs"
    (cd "$root.new/debs" && apt-get download -qq -o APT::Sandbox::User=root "${packages[@]/%/=$version}" "$llvm")
    for deb in "$root.new"/debs/*.deb; do
        dpkg -x "$deb" "$root.new"
        rm "$deb"
    done
    mv "$root.new" "$root"
fi

libraries=$(find "$root/usr/lib" -name 'libLLVM*' -printf '%h:')$root/usr/lib/$(uname -m)-linux-gnu
export LD_LIBRARY_PATH=$libraries RUSTC=$root/usr/bin/rustc RUSTDOC=$root/usr/bin/rustdoc
export CARGO_TARGET_DIR=$root/target
"$RUSTC" --version
