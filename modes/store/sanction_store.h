#pragma once

// What operators have ruled, kept where it outlives the server.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "protocol/result.h"

namespace netchat::store {

class Reserve;

struct Sanction {
    enum class Kind : uint8_t { Ban = 1, Mute, Closed, Operator, Motd, CloakKey };
    Kind kind = Kind::Ban;
    std::string target;   // a network, a nick, a cloak, a room, "motd"; a kind has it once
    uint64_t user = 0;    // whom the target of a ban, a mute or an operator's right was, or 0
    std::string proof;    // the SHA-256 of that user's secret: numbers may begin anew
                          // of a network that was banned with a nick: that ban's target
                          // of the cloaks' key: the key, in hexadecimal digits
    int64_t sinceMs = 0;  // Unix time
    int64_t untilMs = 0;  // 0: until it is taken back
    std::string text;     // the reason; of the motd, the text
    std::string by;       // who ruled it
};

// One owner thread.
class SanctionStore {
  public:
    virtual ~SanctionStore() = default;
    virtual Result<std::vector<Sanction>> all() = 0;
    // On the disk when it returns; one of this kind and target is replaced.
    virtual Status put(const Sanction& sanction) = 0;
    virtual Status drop(Sanction::Kind kind, const std::string& target) = 0;
};

// In a database of its own: the log's is not held up by operators. Each row has its checksum
// (row_sum.h). `reserve`: out of which it is written when the disk is full; outlives it. `tell`:
// what is found to be damaged.
using TellOfSanctions = std::function<void(const std::string& text)>;
Result<std::unique_ptr<SanctionStore>> openSanctions(const std::filesystem::path& file,
                                                     Reserve* reserve = nullptr,
                                                     TellOfSanctions tell = {});
// Changes nothing, and may be beside a server.
Result<std::vector<Sanction>> readSanctions(const std::filesystem::path& file,
                                            const TellOfSanctions& tell);

}  // namespace netchat::store
