#include "modes/serve/hub/encoder.h"

#include "protocol/file_labels.h"
#include "protocol/message.h"

namespace netchat::serve {

namespace {

void encodeEntry(std::string& out, std::string_view room, const store::Entry& e, uint64_t again) {
    if (e.kind == store::EntryKind::File) {
        const FileLabels labels = parseFileText(e.text);
        v2::encode(out, v2::File{room, e.seq, e.time, e.from, e.user, e.id, labels.name, e.size,
                                 e.sha256, again, labels.folder, labels.mtime});
    } else {
        v2::encode(out, v2::Msg{room, e.seq, e.time, e.from, e.user, e.id, again, e.text});
    }
}

}  // namespace

size_t V2Encoder::entry(std::string& out, std::string_view room, const store::Entry& entry) {
    encodeEntry(out, room, entry, 0);
    return kNoFile;
}

void V2Encoder::again(std::string& out, std::string_view room, const store::Entry& entry) {
    encodeEntry(out, room, entry, 1);
}

bool V2Encoder::lost(std::string& out, std::string_view room, uint64_t first, uint64_t last) {
    v2::encode(out, v2::Gap{room, first, last});
    return true;
}

void V2Encoder::presence(std::string& out, const PresenceNote& note) {
    v2::encode(out, v2::Presence{note.room, note.state, note.nick, note.user, note.was});
}

size_t ClassicEncoder::entry(std::string& out, std::string_view, const store::Entry& entry) {
    if (entry.kind == store::EntryKind::Message) {
        // A text too long for the header's width is said to be so: nothing is silent.
        if (!classic::appendMessage(out, format_, entry.from, entry.text, entry.time)) {
            (void)classic::appendMessage(out, format_, entry.from, "(a text too long for you)",
                                         entry.time);
        }
        return kNoFile;
    }
    if (!classic::appendFilePrefix(out, format_, entry.from, parseFileText(entry.text).name,
                                   entry.size)) {
        (void)classic::appendMessage(out, format_, entry.from, "(a file too long for you)",
                                     entry.time);
        return kNoFile;
    }
    const size_t at = out.size();
    classic::appendFileSuffix(out, format_, entry.time);
    return at;
}

}  // namespace netchat::serve
