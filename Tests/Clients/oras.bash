# shellcheck shell=bash disable=SC2034
# The Python client of ORAS (https://pypi.org/project/oras), in an environment that is kept between runs.

ORAS_VERSION=0.2.43
ORAS_ENVIRONMENT=${XDG_CACHE_HOME:-$HOME/.cache}/berth-tests/oras-$ORAS_VERSION
ORAS_PYTHON=$ORAS_ENVIRONMENT/bin/python

install_oras() {
  [ ! -e "$ORAS_ENVIRONMENT/complete" ] || return 0
  if ! { python3 -m venv --clear "$ORAS_ENVIRONMENT" &&
    "$ORAS_ENVIRONMENT/bin/pip" install --quiet "oras==$ORAS_VERSION"; } >"$WORK/pip.log" 2>&1; then
    cannot_start "oras $ORAS_VERSION cannot be installed: $(tail -n 1 "$WORK/pip.log")"
  fi
  touch "$ORAS_ENVIRONMENT/complete"
}
