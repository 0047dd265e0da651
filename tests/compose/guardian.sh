# Waits until the test run at the other end of its standard input has ended, however it ended, and removes what it left: containers,
# networks, volumes and images of the compose project $1, and the folder $2.
cat >/dev/null
mine="label=com.docker.compose.project=$1"
docker ps --all --quiet --filter "$mine" | xargs -r docker rm --force --volumes
docker network ls --quiet --filter "$mine" | xargs -r docker network rm
docker volume ls --quiet --filter "$mine" | xargs -r docker volume rm --force
docker images --quiet --filter "reference=weir:$1*" | sort -u | xargs -r docker rmi --force
rm -rf "$2"
