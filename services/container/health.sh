#!/bin/bash
# HEALTHCHECK of the image: exit code 0 when the answer is 200. Arguments: port and path; without them: is the replica in this container ready?
# Bash alone: to start Node for it every few seconds would cost a replica more than most of its work, most of all when the machine is busy.
port=${1:-9464} path=${2:-/ready}
exec 3<>"/dev/tcp/127.0.0.1/$port" || exit 1
printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$path" >&3
# Until the other side closes. Docker kills what takes too long.
IFS= read -r -d '' answer <&3
# For "docker inspect": status line and body.
printf '%.300s %.500s\n' "${answer%%$'\r\n'*}" "${answer#*$'\r\n\r\n'}"
[[ $answer == 'HTTP/1.'?' 200 '* ]]
