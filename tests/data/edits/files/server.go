package server

import (
	"encoding/json"
	"log"
	"net/http"
)

type Server struct {
	store Store
	log   *log.Logger
}

func (s *Server) Get(w http.ResponseWriter, r *http.Request) {
	item, err := s.store.Find(r.URL.Query().Get("id"))
	if err != nil {
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	if err := json.NewEncoder(w).Encode(item); err != nil {
		s.log.Printf("encode: %v", err)
	}
}

func (s *Server) Put(w http.ResponseWriter, r *http.Request) {
	var item Item
	if err := json.NewDecoder(r.Body).Decode(&item); err != nil {
		http.Error(w, "bad request", http.StatusBadRequest)
		return
	}
	if err := s.store.Save(item); err != nil {
		http.Error(w, "cannot save", http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}
