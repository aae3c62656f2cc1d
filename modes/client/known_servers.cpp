#include "modes/client/known_servers.h"

#include <Poco/Net/IPAddress.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <system_error>

#include "modes/client/small_file.h"
#include "protocol/limits.h"
#include "protocol/text_safety.h"

namespace netchat::client {

namespace {

namespace fs = std::filesystem;

// Ten thousand servers; what is larger is no such file.
constexpr size_t kKnownBytesMax = limits::kMiB;

std::string foldedHost(std::string host) {
    Poco::Net::IPAddress address;
    if (Poco::Net::IPAddress::tryParse(host, address)) return address.toString();
    for (char& c : host) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (host.size() > 1 && host.back() == '.') host.pop_back();
    return host;
}

// One line of the file: who, and as whom; earlier versions wrote hosts as they were typed.
std::optional<KnownServer> serverIn(std::string_view line) {
    const size_t space = line.find(' ');
    if (space == std::string_view::npos) return {};
    const std::string_view place = line.substr(0, space);
    const size_t end = std::min(line.find_first_of(" \r", space + 1), line.size());
    const std::string identity(line.substr(space + 1, end - space - 1));
    const auto server = net::parseHostPort(place);
    return KnownServer{server ? placeOf(*server) : std::string(place), identity};
}

// Calls take(line, server) for each line, with its end.
template <class Take>
void eachLine(std::string_view text, Take take) {
    while (!text.empty()) {
        const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(end);
        take(line, serverIn(line.substr(0, line.find('\n'))));
    }
}

// Where whoever changes the file as a whole keeps the others out of it.
class Held {
  public:
    explicit Held(int fd) : fd_(fd) {
        if (fd_ >= 0) ::flock(fd_, LOCK_EX);
    }
    ~Held() {
        if (fd_ >= 0) ::close(fd_);
    }
    Held(const Held&) = delete;
    Held& operator=(const Held&) = delete;
    int fd() const { return fd_; }

  private:
    int fd_;
};

}  // namespace

net::HostPort folded(const net::HostPort& server) {
    return {foldedHost(server.host), server.port};
}

std::string placeOf(const net::HostPort& server) {
    return net::toText(folded(server));
}

Error KnownServers::failure(std::string_view what, int error) const {
    return {ErrorCode::Internal, std::string(what) + " " + forLog(file_.native(), 300) + ": " +
                                     std::generic_category().message(error)};
}

Result<std::string> KnownServers::read() const {
    if (file_.empty()) return std::string();
    const auto unreadable = [this](int error) {
        const Error why = failure("cannot read the list of known servers", error);
        return Error{
            ErrorCode::Untrusted,
            why.text + "; not connecting, because the identity of the server cannot be checked"};
    };
    const int fd = ::open(file_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        struct stat about {};
        const int error = errno;
        // Nothing of this user's can be in a folder that it may not look into.
        const bool elsewhere = error == EACCES && ::lstat(file_.c_str(), &about) != 0;
        if (error == ENOENT || error == ENOTDIR || elsewhere) return std::string();
        return unreadable(error);
    }
    std::string text;
    const int error = readAll(fd, kKnownBytesMax, text) ? 0 : errno;
    ::close(fd);
    if (error != 0) return unreadable(error);
    return text;
}

Result<std::vector<KnownServer>> KnownServers::all() const {
    const auto text = read();
    if (!text) return text.error();
    std::vector<KnownServer> found;
    eachLine(*text, [&](std::string_view, const std::optional<KnownServer>& server) {
        if (!server) return;
        const auto before = std::find_if(found.begin(), found.end(), [&](const KnownServer& other) {
            return other.place == server->place;
        });
        before == found.end() ? found.push_back(*server)
                              : void(before->identity = server->identity);
    });
    return found;
}

Result<std::optional<KnownServer>> KnownServers::find(const std::string& place) const {
    const auto text = read();
    if (!text) return text.error();
    std::optional<KnownServer> found;
    eachLine(*text, [&](std::string_view, std::optional<KnownServer> server) {
        if (server && server->place == place) found = std::move(server);
    });
    return found;
}

Status KnownServers::remember(const std::string& place, std::string_view identity) const {
    std::error_code made;
    fs::create_directories(file_.parent_path(), made);
    if (made) return failure("cannot add the server to", made.value());
    const Held file(
        ::open(file_.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.fd() < 0) return failure("cannot add the server to", errno);
    // What was edited by hand may end without a line's end.
    char last = '\n';
    const off_t size = ::lseek(file.fd(), 0, SEEK_END);
    if (size > 0 && ::pread(file.fd(), &last, 1, size - 1) != 1) last = '\n';
    std::string line = (last == '\n' ? "" : "\n") + place + " ";
    line.append(identity).append("\n");
    if (writeAll(file.fd(), line)) return Ok{};
    // Half a fingerprint would be another server's.
    const Error why = failure("cannot add the server to", errno);
    if (size >= 0) (void)!::ftruncate(file.fd(), size);
    return why;
}

// Written over what is there, under the lock of those who append: another file in its place would
// not have what they add to this one. Whoever is killed in between leaves lines twice at most.
Result<size_t> KnownServers::forget(const std::string& host, std::optional<uint16_t> port) const {
    const std::string wanted = foldedHost(host);
    const Held file(::open(file_.c_str(), O_RDWR | O_CLOEXEC | O_NOFOLLOW));
    if (file.fd() < 0 && (errno == ENOENT || errno == ENOTDIR)) return size_t{0};
    if (file.fd() < 0) return failure("cannot change", errno);
    const auto text = read();
    if (!text) return text.error();
    std::string kept;
    std::vector<std::string> gone;
    eachLine(*text, [&](std::string_view line, const std::optional<KnownServer>& server) {
        const auto where = server ? net::parseHostPort(server->place)
                                  : Result<net::HostPort>(Error{ErrorCode::BadValue, ""});
        const bool meant = where && where->host == wanted && (!port || where->port == *port);
        if (!meant) kept.append(line);
        if (meant) gone.push_back(server->place);
    });
    if (gone.empty()) return size_t{0};
    const bool done = ::lseek(file.fd(), 0, SEEK_SET) == 0 && writeAll(file.fd(), kept) &&
                      ::ftruncate(file.fd(), static_cast<off_t>(kept.size())) == 0;
    if (!done) return failure("cannot change", errno);
    std::sort(gone.begin(), gone.end());
    gone.erase(std::unique(gone.begin(), gone.end()), gone.end());
    return gone.size();
}

}  // namespace netchat::client
