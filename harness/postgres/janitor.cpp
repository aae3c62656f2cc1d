#include "harness/postgres/janitor.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <system_error>

#include "modes/descriptor.h"

namespace netchat::harness {

namespace {

// A process is known by its folder: the number in postmaster.pid may be another's by now. It is
// negative while the cluster is being made. SIGQUIT ends a PostgreSQL at once, with its shared
// memory. Who was killed before has left a segment of that, whose number is in the file as well.
constexpr char kScript[] = R"sh(
trap '' INT TERM HUP
cat >/dev/null
folder=$1
shift
for node; do
    data=$folder/$node/disk/data
    number=$(sed -n '1s/^-//;1p' "$data/postmaster.pid" 2>/dev/null)
    tries=0
    while [ -n "$number" ] && [ "$(readlink "/proc/$number/cwd")" = "$data" ]; do
        [ "$tries" = 0 ] && kill -QUIT "$number"
        [ "$tries" = 200 ] && kill -KILL "$number"
        [ "$tries" = 400 ] && break
        tries=$((tries + 1))
        sleep 0.02
    done
    segment=$(sed -n '7s/.* //p' "$data/postmaster.pid" 2>/dev/null)
    [ -n "$segment" ] && ipcrm -m "$segment"
    umount -l "$folder/$node/disk"
done
rm -rf -- "$folder"
)sh";

}  // namespace

Status Janitor::start(const std::filesystem::path& folder, const std::vector<std::string>& nodes) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
        return Error{ErrorCode::Internal, "pipe: " + std::generic_category().message(errno)};
    }
    Descriptor waiting(ends[0]), held(ends[1]);
    std::vector<std::string> words = {"/bin/sh", "-c", kScript, "janitor", folder.string()};
    words.insert(words.end(), nodes.begin(), nodes.end());
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, waiting.get(), STDIN_FILENO);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
    ::posix_spawn_file_actions_addchdir_np(&actions, "/");
    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
    std::string path = "PATH=/usr/bin:/bin:/usr/sbin:/sbin";
    const std::array<char*, 2> environment = {path.data(), nullptr};
    const int error = ::posix_spawn(&pid_, words[0].c_str(), &actions, &attributes, pointers.data(),
                                    environment.data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error == 0) {
        pipe_ = held.release();
        return Ok{};
    }
    return Error{ErrorCode::Internal, "/bin/sh: " + std::generic_category().message(error)};
}

Janitor::~Janitor() {
    if (pid_ == 0) return;
    ::close(pipe_);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
}

}  // namespace netchat::harness
