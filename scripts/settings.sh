# shellcheck shell=bash disable=SC2154  # here: of whoever sources this
# Reads settings where no Python is there yet; sourced with `here` set to the checkout.

# setting NAME DEFAULT: the variable of the environment, else the last line of .env that names it, else DEFAULT.
setting() {
  local name=$1 value
  value=$(printenv "$name" || true)
  if [ -z "$value" ] && [ -f "$here/.env" ]; then
    value=$(sed -n "s/^[[:space:]]*\(export[[:space:]]\{1,\}\)\{0,1\}${name}[[:space:]]*=[[:space:]]*//p" "$here/.env" | tail -n 1)
    case $value in
      \"*) value=${value#\"}; value=${value%%\"*} ;;
      \'*) value=${value#\'}; value=${value%%\'*} ;;
      *) value=${value%%[[:space:]]#*}; value=${value%"${value##*[![:space:]]}"} ;;
    esac
  fi
  printf '%s' "${value:-$2}"
}

# The folder of the hub's data, absolute.
hub_home() {
  local home
  home=$(setting WFHUB_HOME .wfhub)
  case $home in
    \~/*) home=$HOME/${home#\~/} ;;
  esac
  case $home in
    /*) printf '%s' "$home" ;;
    *) printf '%s' "$here/$home" ;;
  esac
}
