#include "modes/store/log_transfer.h"

#include <optional>

#include "modes/store/log_line.h"
#include "modes/store/log_reader.h"
#include "modes/store/log_writer.h"

namespace netchat::store {

Status exportLog(const std::filesystem::path& folder, const std::string& room, const LineOut& out) {
    auto reader = LogReader::open(folder / "log.sqlite");
    if (!reader) return reader.error();
    return (*reader)->forEach(room, [&out](const LogLine& line) { return out(toJson(line)); });
}

Result<Imported> importLog(const std::filesystem::path& folder, std::istream& in) {
    auto writer = LogWriter::create(folder);
    if (!writer) return writer.error();
    Imported imported;
    std::string text;
    for (uint64_t number = 1; std::getline(in, text); ++number) {
        if (text.empty()) continue;
        auto line = logLineOf(text);
        auto status = line ? (*writer)->add(*line) : Status(line.error());
        if (!status) {
            return Error{status.error().code,
                         "line " + std::to_string(number) + ": " + status.error().text};
        }
        if (line->kind == LogLine::Kind::User) ++imported.users;
        if (line->isEntry()) ++imported.entries;
    }
    if (in.bad()) return Error{ErrorCode::Internal, "the lines cannot be read"};
    auto status = (*writer)->finish();
    if (!status) return status.error();
    return imported;
}

}  // namespace netchat::store
