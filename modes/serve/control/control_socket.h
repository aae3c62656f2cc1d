#pragma once

// The socket that operators come by: lines in, lines out, on one of the server's loops. Whoever
// connects must be the user that the server runs as, or root; what they say cannot hold anybody
// else up: lines and connections are bounded, and half a line is waited for so long only. When the
// socket's file is removed or renamed, another is made at once: the kernel tells of it.

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "modes/net/event_loop.h"
#include "protocol/result.h"

namespace netchat::serve {

// The loop's thread only, or before it runs and after it has ended.
class ControlSocket : private net::Watcher {
  public:
    using LinkId = uint64_t;
    // Answered by answer(), once; the next line of this link waits for that.
    using Heard = std::function<void(LinkId link, uid_t who, std::string_view line)>;
    // The file was gone: it was made again, or could not be.
    using MadeAgain = std::function<void(const Status& status)>;

    static constexpr char kName[] = "ctl.sock";

    // The caller has the folder's lock: what lies there is of a server that was killed.
    static Result<std::unique_ptr<ControlSocket>> open(net::EventLoop& loop,
                                                       const std::filesystem::path& folder,
                                                       Heard heard, MadeAgain madeAgain);
    ~ControlSocket();
    ControlSocket(const ControlSocket&) = delete;
    ControlSocket& operator=(const ControlSocket&) = delete;

    void start();
    // Nothing happens when it has gone.
    void answer(LinkId link, std::string lines);
    // Another one where its file is not there any more.
    void makeIfGone();

  private:
    class Link;
    // Calls when something has happened to a file.
    class FileWatch;
    struct FileId {
        dev_t device = 0;
        ino_t number = 0;
        bool operator==(const FileId&) const = default;
    };

    ControlSocket(net::EventLoop& loop, std::filesystem::path folder, int fd, Heard heard,
                  MadeAgain madeAgain);
    FileId fileNow() const;
    void onReady(uint32_t events) override;
    void accept();
    void drop(LinkId link);

    net::EventLoop& loop_;
    std::filesystem::path folder_;
    int fd_;
    FileId file_;  // the socket's, as it was made
    Heard heard_;
    MadeAgain madeAgain_;
    std::unique_ptr<FileWatch> fileWatch_;
    LinkId lastLink_ = 0;
    std::unordered_map<LinkId, std::unique_ptr<Link>> links_;
    std::vector<std::unique_ptr<Link>> gone_;  // until nothing of theirs is under way
    bool watched_ = false;
};

}  // namespace netchat::serve
