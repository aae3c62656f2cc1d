#pragma once

// The audit log: one line for each thing that an operator does, in the order in which it is done,
// on the disk before it is done. Lines are LTSV; nothing that anybody chooses can begin another.
//
//     time:2026-11-24T04:30:00.123Z  by:ctl uid 1000  act:kick  target:bob  text:spam
//
// It is bounded: when it is full it becomes audit.log.1, that one audit.log.2, and so on; the
// oldest goes.

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "protocol/result.h"

namespace netchat::serve {

struct AuditLine {
    int64_t timeMs = 0;
    std::string by;   // "ctl uid 1000", "operator 3 (alice)"
    std::string act;  // "kick"
    std::string target;
    std::string detail;  // "for 1h"; or why it was not done
    std::string text;    // the reason
};

// With its LF. Control characters, invisible ones and invalid bytes are written as \xHH, per byte,
// and a backslash as \\, so that what was chosen can be told from what is said of it.
std::string auditText(const AuditLine& line);

// One thread.
class AuditLog {
  public:
    // 16 MiB are some 100,000 lines: with the three before it, years of operating, and little for
    // a small disk.
    static constexpr uint64_t kFileBytesMax = 16ULL * 1024 * 1024;
    static constexpr int kOlderFiles = 3;

    // Made with mode 0600 if it is not there; only ever appended to.
    static Result<std::unique_ptr<AuditLog>> open(const std::filesystem::path& file,
                                                  uint64_t bytesMax = kFileBytesMax);
    ~AuditLog();
    AuditLog(const AuditLog&) = delete;
    AuditLog& operator=(const AuditLog&) = delete;

    // On the disk when it returns. On an error half a line may be there; the next begins anew.
    // When the file was renamed or removed, a new one is begun at its name.
    Status add(const AuditLine& line);

  private:
    AuditLog(int fd, std::filesystem::path file, uint64_t bytesMax)
        : fd_(fd), file_(std::move(file)), bytesMax_(bytesMax) {}
    Status reopenIfMoved();
    void rotateIfFull();

    int fd_;
    std::filesystem::path file_;
    const uint64_t bytesMax_;
    bool cut_ = false;
};

}  // namespace netchat::serve
