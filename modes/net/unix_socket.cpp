#include "modes/net/unix_socket.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>

#include "modes/descriptor.h"

namespace netchat::net {

namespace {

constexpr int kUnixBacklog = 64;

std::string errnoReason() {
    return std::generic_category().message(errno);
}

// sun_path has 108 bytes; a descriptor's name in /proc is short.
bool addressOf(int folder, const std::filesystem::path& file, sockaddr_un& address) {
    std::string path = file.string();
    if (path.size() >= sizeof address.sun_path) {
        path = "/proc/self/fd/" + std::to_string(folder) + "/" + file.filename().string();
    }
    address.sun_family = AF_UNIX;
    if (path.size() >= sizeof address.sun_path) return false;
    std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
    return true;
}

const sockaddr* generic(const sockaddr_un& address) {
    return reinterpret_cast<const sockaddr*>(&address);
}

// What a way to a socket that cannot be gone means.
ErrorCode codeOf(int error) {
    if (error == EACCES || error == EPERM) return ErrorCode::NotOperator;
    const bool nobody = error == ENOENT || error == ENOTDIR || error == ECONNREFUSED;
    return nobody ? ErrorCode::BadState : ErrorCode::Internal;
}

int openFolder(const std::filesystem::path& folder) {
    return ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
}

}  // namespace

Result<int> listenLocally(const std::filesystem::path& folder, const std::string& name) {
    const auto failed = [&] {
        return Error{ErrorCode::Internal,
                     "cannot listen at " + (folder / name).string() + ": " + errnoReason()};
    };
    const Descriptor at(openFolder(folder));
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    if (at.get() < 0 || socket.get() < 0 || !addressOf(at.get(), folder / name, address))
        return failed();
    if (::unlinkat(at.get(), name.c_str(), 0) != 0 && errno != ENOENT) return failed();
    if (::bind(socket.get(), generic(address), sizeof address) != 0) return failed();
    // Nobody can connect before listen().
    if (::fchmodat(at.get(), name.c_str(), S_IRUSR | S_IWUSR, 0) != 0) return failed();
    if (::listen(socket.get(), kUnixBacklog) != 0) return failed();
    return socket.release();
}

Result<int> connectLocally(const std::filesystem::path& folder, const std::string& name) {
    const Descriptor at(openFolder(folder));
    if (at.get() < 0) {
        return Error{codeOf(errno), "cannot open " + folder.string() + ": " + errnoReason()};
    }
    Descriptor socket(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    if (socket.get() < 0 || !addressOf(at.get(), folder / name, address)) {
        return Error{ErrorCode::Internal, "cannot make a socket: " + errnoReason()};
    }
    if (::connect(socket.get(), generic(address), sizeof address) == 0) return socket.release();
    return Error{codeOf(errno),
                 "cannot connect to " + (folder / name).string() + ": " + errnoReason()};
}

uid_t peerUser(int fd) {
    ucred who{};
    socklen_t size = sizeof who;
    if (::getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0) return static_cast<uid_t>(-1);
    return who.uid;
}

}  // namespace netchat::net
